// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Facts of the running system that do not change while it runs.
public enum Host {
    /// Clock ticks per second, the unit of times in `/proc/<pid>/stat` (`USER_HZ`, 100 on every common system).
    public static let clockTicksPerSecond = UInt64(max(sysconf(CInt(_SC_CLK_TCK)), 1))

    /// Bytes in a memory page.
    public static let pageSize = UInt64(max(sysconf(CInt(_SC_PAGESIZE)), 1))

    /// The node's name in the kernel, `uname -n`.
    public static var nodeName: String { utsField(\.nodename) }

    /// The kernel's release, for example `6.1.0-44-amd64`.
    public static var kernelRelease: String { utsField(\.release) }

    /// How many CPUs there can ever be: the highest possible number plus one. Per-CPU data is laid out for as many.
    ///
    /// - Parameter sys: where `/sys` is.
    public static func possibleCPUs(sys: String = "/sys") throws(SystemError) -> Int {
        (try possibleCPUNumbers(sys: sys).max() ?? 0) + 1
    }

    /// The numbers of the CPUs there can ever be, in rising order; there may be gaps.
    ///
    /// - Parameter sys: where `/sys` is.
    public static func possibleCPUNumbers(sys: String = "/sys") throws(SystemError) -> [Int] {
        let path = sys + "/devices/system/cpu/possible"
        var buffer = FileBuffer(capacity: 256)
        try buffer.read(path)
        guard let numbers = CPUList.numbers(in: buffer.bytes), !numbers.isEmpty else {
            throw SystemError("parse", path, errno: EINVAL)
        }
        return numbers
    }

    /// The random identifier of this boot.
    ///
    /// - Parameter proc: where `/proc` is.
    public static func bootID(proc: String = "/proc") throws(SystemError) -> String {
        var buffer = FileBuffer(capacity: 64)
        try buffer.read(proc + "/sys/kernel/random/boot_id")
        var scanner = ByteScanner(buffer.bytes)
        return scanner.token()?.text ?? ""
    }

    private static func utsField<Field>(_ field: KeyPath<utsname, Field>) -> String {
        var names = utsname()
        guard uname(&names) == 0 else { return "" }
        return withUnsafeBytes(of: names[keyPath: field]) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

/// The kernel's list format of CPU numbers, such as `0-3,8`.
enum CPUList {
    /// All numbers in the order given, `nil` where the text is no such list.
    static func numbers(in text: Span<UInt8>) -> [Int]? {
        var scanner = ByteScanner(text)
        var numbers: [Int] = []
        for range in (scanner.token()?.text ?? "").split(separator: ",", omittingEmptySubsequences: false) {
            let ends = range.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil,
                first <= last, last < 1 << 20
            else { return nil }
            numbers.append(contentsOf: first...last)
        }
        return numbers
    }
}
