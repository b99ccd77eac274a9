// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What tells one file from every other on this host: its file system and its inode number.
public struct FileIdentity: Sendable, Hashable {
    /// The device number of the file system.
    public let device: UInt64
    /// The inode number.
    public let inode: UInt64

    /// Asks for the file at a path without opening it; symbolic links are followed.
    public init(path: String) throws(SystemError) {
        var status = stat()
        _ = try FileDescriptor.retrying("stat", path) { stat(path, &status) }
        self.init(status)
    }

    /// Whether there is a socket at a path; symbolic links are followed.
    public static func isSocket(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// Whether there is nothing at a path; false where it cannot be told, for lack of permission say.
    public static func isMissing(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 && [ENOENT, ENOTDIR].contains(errno)
    }

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}
