// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Reads whole files of ordinary size; for those below `/proc` and for many in a row there is ``FileBuffer``.
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
        let time = status.st_mtim
        return (bytes, UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(max(0, time.tv_nsec)))
    }
}
