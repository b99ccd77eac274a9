// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What the calling process uses; from `/proc/self`, the clocks and the limits.
///
/// What cannot be read is zero.
public struct ProcessUsage: Sendable, Hashable {
    /// CPU time of all threads, user and system, in nanoseconds.
    public var cpuTime: UInt64 = 0
    /// Virtual memory in bytes.
    public var virtualMemory: UInt64 = 0
    /// Resident memory in bytes.
    public var residentMemory: UInt64 = 0
    /// Open file descriptors.
    public var openDescriptors: UInt64 = 0
    /// How many file descriptors may be open.
    public var maxDescriptors: UInt64 = 0
    /// When it started, in milliseconds since 1970-01-01T00:00:00Z.
    public var startTime: UInt64 = 0

    /// Reads what is used now.
    public init() {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        cpuTime = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        maxDescriptors = UInt64(limit.rlim_cur)
        readDescriptors()
        readStat()
    }

    private mutating func readDescriptors() {
        var count: UInt64 = 0
        do {
            let directory = try FileDescriptor(open: "/proc/self/fd")
            var reader = DirectoryReader()
            try reader.forEach(in: directory) { _ in count += 1 }
            // Without the one that reads.
            openDescriptors = count - 1
        } catch {
            openDescriptors = 0
        }
    }

    // Fields 22 to 24 of proc_pid_stat(5): starttime, vsize, rss; counted from the state, which follows the name's ")".
    private mutating func readStat() {
        var buffer = FileBuffer(capacity: 1024)
        guard (try? buffer.read("/proc/self/stat")) != nil else { return }
        let bytes = buffer.bytes
        var start = bytes.count
        while start > 0, bytes[start - 1] != UInt8(ascii: ")") { start -= 1 }
        var scanner = ByteScanner(bytes.extracting(start..<bytes.count))
        scanner.skipTokens(19)
        let ticks = scanner.decimal() ?? 0
        virtualMemory = scanner.decimal() ?? 0
        residentMemory = (scanner.decimal() ?? 0) * Host.pageSize
        let bootTime = SystemClock.wall - SystemClock.boot
        startTime = bootTime / 1_000_000 + ticks * 1000 / Host.clockTicksPerSecond
    }
}
