// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Reads and writes whole files of ordinary size; for those below `/proc` and for many in a row there is ``FileBuffer``.
public enum FileContent {
    /// Reads a file, a pipe or a device to its end.
    ///
    /// - Parameters:
    ///   - path: which.
    ///   - limit: the most bytes; a longer file is the error `EFBIG`.
    /// - Returns: the bytes, and when the file was written last, in nanoseconds since 1970.
    public static func read(
        _ path: String, atMost limit: Int
    ) throws(SystemError) -> (bytes: [UInt8], changed: UInt64) {
        let file = try FileDescriptor(open: path)
        let descriptor = file.rawValue
        var status = stat()
        _ = try FileDescriptor.retrying("fstat", path) { unsafe fstat(descriptor, &status) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try FileDescriptor.retrying("read", path) {
                unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            }
            if count == 0 { break }
            guard bytes.count + count <= limit else { throw SystemError("read", path, errno: EFBIG) }
            bytes += buffer[..<count]
        }
        // Two modules declare `timespec`, and which one this is depends on what was compiled first.
        let (seconds, rest) = unsafe withUnsafeBytes(of: status.st_mtim) { time in
            unsafe (time.load(as: Int.self), time.load(fromByteOffset: MemoryLayout<Int>.size, as: Int.self))
        }
        return (bytes, UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, rest)))
    }

    /// Writes a file, in place of what was there.
    public static func write(_ bytes: [UInt8], to path: String) throws(SystemError) {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY
        let file = FileDescriptor(
            owning: try FileDescriptor.retrying("open", path) { Glibc.open(path, flags, 0o644 as mode_t) })
        let descriptor = file.rawValue
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try FileDescriptor.retrying("write", path) {
                unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(count)
        }
    }
}
