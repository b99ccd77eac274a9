// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A file that is only ever written to at its end. Owned by one thread.
public struct AppendFile: ~Copyable, Sendable {
    /// Which file it is, whatever its name has become.
    public let identity: FileIdentity
    /// Whether it is a plain file, and not a device, a pipe or a socket.
    public let isRegular: Bool
    /// Bytes in it, others' writing aside.
    public private(set) var size: Int
    private let path: String
    private let descriptor: FileDescriptor

    /// Opens a file, or makes an empty one.
    ///
    /// - Parameters:
    ///   - path: where.
    ///   - mode: its permissions where it is made, before the umask.
    public init(_ path: String, mode: UInt32 = 0o640) throws(SystemError) {
        // A pipe without a reader must be an error and not a wait.
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let number = try FileDescriptor.retrying("open", path) { Glibc.open(path, flags, mode) }
        let descriptor = FileDescriptor(owning: number)
        var status = stat()
        _ = try FileDescriptor.retrying("fstat", path) { unsafe fstat(number, &status) }
        let kind = status.st_mode & S_IFMT
        self.path = path
        self.descriptor = descriptor
        identity = FileIdentity(status)
        isRegular = kind == S_IFREG
        size = kind == S_IFREG ? Int(status.st_size) : 0
    }

    /// Writes all bytes; where that fails half-way, what was written is taken back from a plain file.
    public mutating func append(_ bytes: ArraySlice<UInt8>) throws(SystemError) {
        let number = descriptor.rawValue
        var rest = bytes
        do throws(SystemError) {
            while !rest.isEmpty {
                let written = try FileDescriptor.retrying("write", path) {
                    unsafe rest.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
                }
                rest = rest.dropFirst(written)
            }
        } catch {
            if isRegular, rest.count < bytes.count { _ = ftruncate(number, off_t(size)) }
            throw error
        }
        size += bytes.count
    }

    /// Gives a file another name, in place of what had that name.
    public static func rename(_ path: String, to other: String) throws(SystemError) {
        _ = try FileDescriptor.retrying("rename", path) { Glibc.rename(path, other) }
    }

    /// Removes a file; one that is not there is removed already.
    public static func remove(_ path: String) throws(SystemError) {
        do throws(SystemError) {
            _ = try FileDescriptor.retrying("unlink", path) { unlink(path) }
        } catch  where error.isAbsence {}
    }
}
