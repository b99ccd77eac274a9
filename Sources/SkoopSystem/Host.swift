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
        let path = sys + "/devices/system/cpu/possible"
        var buffer = FileBuffer(capacity: 256)
        try buffer.read(path)
        guard let highest = CPUList.highest(in: buffer.bytes) else { throw SystemError("parse", path, errno: EINVAL) }
        return highest + 1
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
    /// The highest number, `nil` where the text is no such list.
    static func highest(in text: Span<UInt8>) -> Int? {
        var highest: UInt64?
        var number: UInt64?
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let value = (number ?? 0) * 10 + UInt64(text[index] - UInt8(ascii: "0"))
                guard value < 1 << 20 else { return nil }
                number = value
            case UInt8(ascii: ","), UInt8(ascii: "-"), UInt8(ascii: "\n"):
                guard let value = number else { return nil }
                highest = max(highest ?? 0, value)
                number = nil
            default:
                return nil
            }
        }
        if let value = number { highest = max(highest ?? 0, value) }
        return highest.map(Int.init)
    }
}
