// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Tells of changes in directories: names that come, go or are written (inotify(7)).
///
/// Only changes that pass through this kernel are told; what another host writes to a shared file system is not, nor is
/// every change on file systems such as FUSE's. A value is for one thread at a time.
public struct DirectoryWatch: ~Copyable, Sendable {
    /// What has changed.
    public struct Change: Sendable, Hashable {
        /// The name in a directory that is watched; empty where a directory itself is concerned, or too much has changed
        /// to be told.
        public var name: String
    }

    private let descriptor: FileDescriptor
    private let mask = UInt32(
        IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF
            | IN_MOVE_SELF)

    /// Watches nothing yet.
    ///
    /// - Throws: `EMFILE` where the user has `fs.inotify.max_user_instances` of them.
    public init() throws(SystemError) {
        descriptor = FileDescriptor(
            owning: try FileDescriptor.retrying("inotify_init1") {
                inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
            })
    }

    /// Readable while there are changes; valid as long as the value lives.
    public var fileDescriptor: CInt { descriptor.rawValue }

    /// Watches a directory too; one that is watched already stays so. The watch follows the directory, not the path.
    ///
    /// - Throws: where there is none, it may not be read, or the user watches `fs.inotify.max_user_watches` already.
    public func watch(_ directory: String) throws(SystemError) {
        _ = try FileDescriptor.retrying("inotify_add_watch", directory) {
            inotify_add_watch(descriptor.rawValue, directory, mask | UInt32(IN_ONLYDIR))
        }
    }

    /// What has changed since the last call; does not wait.
    public func changes() throws(SystemError) -> Set<Change> {
        var changes: Set<Change> = []
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count: Int
            do throws(SystemError) {
                count = try FileDescriptor.retrying("read", "inotify") {
                    unsafe buffer.withUnsafeMutableBytes { bytes in
                        unsafe Glibc.read(descriptor.rawValue, bytes.baseAddress, bytes.count)
                    }
                }
            } catch  where error.errno == EAGAIN { return changes }
            Self.parse(buffer[..<count], into: &changes)
            if count == 0 { return changes }
        }
    }

    /// `struct inotify_event`: watch, mask, cookie and length of the name, 32 bits each; then the name, filled with zeros.
    private static func parse(_ bytes: ArraySlice<UInt8>, into changes: inout Set<Change>) {
        var rest = bytes
        while rest.count >= 16 {
            let start = rest.startIndex
            let length = (0..<4).reduce(0) { $0 | Int(rest[start + 12 + $1]) << (8 * $1) }
            guard rest.count >= 16 + length else { return }
            let name = rest[(start + 16)..<(start + 16 + length)].prefix { $0 != 0 }
            changes.insert(Change(name: String(decoding: name, as: UTF8.self)))
            rest = rest.dropFirst(16 + length)
        }
    }
}
