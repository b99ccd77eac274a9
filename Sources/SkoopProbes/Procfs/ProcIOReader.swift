// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopIdentity
internal import SkoopSystem

/// Reads the I/O accounting of every process from `/proc/<pid>/io`.
///
/// Needs `CAP_SYS_PTRACE` for the processes of others. May be used by several threads at once.
public struct ProcIOReader: Sendable {
    private let host: ProbeEnvironment.HostPaths

    /// Makes a reader.
    public init(host: ProbeEnvironment.HostPaths = .init()) { self.host = host }

    /// Reads the processes of the inventory in their order; one that has ended meanwhile is left out.
    ///
    /// What cannot be read, or has not the expected form, is left out and counted in the scrape's problems.
    public func read(_ scrape: Scrape) -> [ProcessIO] {
        var buffer = FileBuffer(capacity: 1 << 10)
        var all: [ProcessIO] = []
        let processes = scrape.census.inventory.processes
        all.reserveCapacity(processes.count)
        guard let proc = try? FileDescriptor(open: host.proc, flags: O_DIRECTORY) else {
            scrape.problems.record("io-unreadable", count: UInt64(processes.count))
            return []
        }
        for process in processes {
            do throws(SystemError) { try buffer.read("\(process.pid)/io", in: proc) } catch {
                if !error.isAbsence { scrape.problems.record(error.isDenial ? "io-denied" : "io-unreadable") }
                continue
            }
            if let io = ProcessIO(pid: process.pid, startTime: process.startTime, text: buffer.bytes) {
                all.append(io)
            } else {
                scrape.problems.record("io-line")
            }
        }
        return all
    }
}

extension ProcessIO {
    /// Parses `/proc/<pid>/io`, `fs/proc/base.c`, `do_io_accounting()`; `nil` where a value is missing or malformed.
    init?(pid: Int32, startTime: UInt64, text: Span<UInt8>) {
        var values: (readCalls: UInt64?, writeCalls: UInt64?, read: UInt64?, written: UInt64?)
        var lines = ByteScanner(text)
        while let line = lines.line() {
            var fields = ByteScanner(line)
            guard let name = fields.token() else { continue }
            if name.equals("syscr:") {
                values.readCalls = fields.decimal()
            } else if name.equals("syscw:") {
                values.writeCalls = fields.decimal()
            } else if name.equals("read_bytes:") {
                values.read = fields.decimal()
            } else if name.equals("write_bytes:") {
                values.written = fields.decimal()
            }
        }
        guard let readCalls = values.readCalls, let writeCalls = values.writeCalls, let read = values.read,
            let written = values.written
        else { return nil }
        self.init(
            pid: pid, startTime: startTime, readCalls: readCalls, writeCalls: writeCalls, readBytes: read,
            writtenBytes: written)
    }
}
