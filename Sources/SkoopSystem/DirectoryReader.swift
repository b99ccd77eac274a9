// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
import Glibc

/// Reads the entries of directories with one buffer, without allocating for an entry.
///
/// A value is owned by one thread.
public struct DirectoryReader: ~Copyable, Sendable {
    private var storage = [UInt64](repeating: 0, count: 4 << 10)

    /// Makes a reader.
    public init() {}

    /// Hands over every entry but `.` and `..`, in the kernel's order.
    ///
    /// - Parameters:
    ///   - directory: open for reading, not with `O_PATH`; its position is at the end afterwards.
    ///   - body: gets one entry at a time.
    public mutating func forEach(
        in directory: borrowing FileDescriptor, _ body: (borrowing DirectoryEntry) -> Void
    ) throws(SystemError) {
        let descriptor = directory.rawValue
        while true {
            let read = try FileDescriptor.retrying("getdents64") {
                unsafe storage.withUnsafeMutableBytes { unsafe getdents64(descriptor, $0.baseAddress, $0.count) }
            }
            if read == 0 { return }
            unsafe storage.withUnsafeBytes { memory in
                // struct linux_dirent64 of <linux/dirent.h>: ino 8, off 8, reclen 2, type 1, then the name with its NUL.
                var offset = 0
                while offset + 19 < read {
                    let length = unsafe Int(memory.loadUnaligned(fromByteOffset: offset + 16, as: UInt16.self))
                    guard length > 19, offset + length <= read else { return }
                    let entry = unsafe DirectoryEntry(
                        inode: memory.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
                        type: memory[offset + 18], directory: descriptor,
                        nameBytes: UnsafeRawBufferPointer(rebasing: memory[offset + 19..<offset + length]))
                    if !entry.isDots { body(entry) }
                    offset += length
                }
            }
        }
    }
}

/// One entry of a directory, valid while it is handed over.
public struct DirectoryEntry: ~Copyable {
    /// The inode number; of `/proc/<pid>` one that no later process with the same number has (`fs/proc/base.c`,
    /// `proc_fill_cache`).
    public let inode: UInt64
    /// The kind of file as `d_type` has it, for example `DT_DIR`; `DT_UNKNOWN` where the file system does not say.
    public let type: UInt8
    fileprivate let directory: CInt
    fileprivate let nameBytes: UnsafeRawBufferPointer

    fileprivate init(inode: UInt64, type: UInt8, directory: CInt, nameBytes: UnsafeRawBufferPointer) {
        self.inode = inode
        self.type = type
        self.directory = directory
        unsafe self.nameBytes = nameBytes
    }

    /// Whether the entry is a directory, as far as the file system says.
    public var isDirectory: Bool { type == UInt8(DT_DIR) }

    /// The name as a decimal number, `nil` where it is none: process, task and descriptor directories.
    public var number: UInt64? {
        var value: UInt64 = 0
        for (index, byte) in unsafe nameBytes.enumerated() {
            if byte == 0 { return index > 0 ? value : nil }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), index < 19 else { return nil }
            value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        return nil
    }

    /// The name.
    public var name: String {
        guard let base = nameBytes.baseAddress else { return "" }
        return unsafe String(cString: base.assumingMemoryBound(to: CChar.self))
    }

    /// Whether the entry is a symbolic link whose target begins with `prefix`, for example `socket:`; `nil` when the link
    /// cannot be read, most often because it is gone.
    public func linkTarget(startsWith prefix: StaticString) -> Bool? {
        guard let name = nameBytes.baseAddress else { return nil }
        let wanted = prefix.utf8CodeUnitCount
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: wanted) { target -> Bool? in
            guard let start = target.baseAddress else { return nil }
            // A target that is longer than the buffer is cut off without an error.
            let length = unsafe readlinkat(directory, name.assumingMemoryBound(to: CChar.self), start, wanted)
            guard length >= 0 else { return nil }
            return unsafe length == wanted && memcmp(start, prefix.utf8Start, wanted) == 0
        }
    }

    fileprivate var isDots: Bool {
        unsafe nameBytes[0] == UInt8(ascii: ".")
            && (nameBytes[1] == 0 || (nameBytes[1] == UInt8(ascii: ".") && nameBytes[2] == 0))
    }
}

extension FileDescriptor {
    /// The target of a symbolic link below this directory.
    ///
    /// - Parameter path: a path relative to the directory; empty for the descriptor itself when it was opened with
    ///   `O_PATH | O_NOFOLLOW`.
    public borrowing func readLink(_ path: String) throws(SystemError) -> String {
        let directory = rawValue
        var text = ""
        _ = try Self.retrying("readlink", path) {
            unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { target in
                guard let start = target.baseAddress else { return -1 }
                let length = unsafe readlinkat(directory, path, start, target.count)
                if length >= 0 {
                    text = unsafe String(decoding: UnsafeRawBufferPointer(target).prefix(length), as: UTF8.self)
                }
                return length
            }
        }
        return text
    }
}
