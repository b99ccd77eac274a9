// SPDX-License-Identifier: Apache-2.0
internal import CSkoopSystem
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
        try read(FileDescriptor(open: path), path, atMost: limit)
    }

    /// Reads a file as a process sees it whose root directory is another one, for example that of a container.
    ///
    /// Symbolic links do not lead out of that directory, and only ordinary files are read: others could make the reader
    /// wait for ever. Since Linux 5.6.
    ///
    /// - Parameters:
    ///   - path: which, below `root`.
    ///   - root: the directory, for example `/proc/1/root`.
    ///   - limit: the most bytes; a longer file is the error `EFBIG`, and one of another kind `EINVAL`.
    public static func read(
        _ path: String, inRoot root: borrowing FileDescriptor, atMost limit: Int
    ) throws(SystemError) -> [UInt8] {
        let start = root.rawValue
        let file = FileDescriptor(
            owning: try FileDescriptor.retrying("openat2", path) { skoop_open_inside(start, path) })
        return try read(file, path, isOrdinary: true, atMost: limit).bytes
    }

    private static func read(
        _ file: borrowing FileDescriptor, _ path: String, isOrdinary: Bool = false, atMost limit: Int
    ) throws(SystemError) -> (bytes: [UInt8], changed: UInt64) {
        let descriptor = file.rawValue
        var status = stat()
        _ = try FileDescriptor.retrying("fstat", path) { unsafe fstat(descriptor, &status) }
        if isOrdinary, status.st_mode & S_IFMT != S_IFREG { throw SystemError("openat2", path, errno: EINVAL) }
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
