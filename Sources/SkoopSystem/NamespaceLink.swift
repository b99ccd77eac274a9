// SPDX-License-Identifier: Apache-2.0
import Glibc

extension FileDescriptor {
    /// The inode number of the network namespace of a process's main thread, below this `/proc`; without opening it and
    /// without allocating.
    ///
    /// Needs `PTRACE_MODE_READ_FSCREDS` on the process, which root has over all but what a security module guards.
    /// Source: `fs/proc/namespaces.c`.
    ///
    /// - Throws: `ENOENT` also where the main thread has ended and others go on; `EINVAL` where the link reads otherwise
    ///   than `net:[<inode>]`.
    public borrowing func networkNamespace(ofProcess pid: Int32) throws(SystemError) -> UInt64 {
        try networkNamespace(link: "\(pid)/ns/net")
    }

    /// The inode number of the node's own network namespace; `self` is the directory `/proc`.
    ///
    /// It is that of process 1, or this process's own where process 1 does not show its.
    public borrowing func nodeNetworkNamespace() throws(SystemError) -> UInt64 {
        do { return try networkNamespace(ofProcess: 1) } catch { return try networkNamespace(link: "self/ns/net") }
    }

    /// The inode number in the target `net:[<inode>]` of a link below this directory.
    public borrowing func networkNamespace(link path: String) throws(SystemError) -> UInt64 {
        let directory = rawValue
        var inode: UInt64?
        _ = try Self.retrying("readlink", path) {
            unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { target in
                guard let start = target.baseAddress else { return -1 }
                let length = unsafe readlinkat(directory, path, start, target.count)
                if length > 0 {
                    inode = unsafe Self.inode(
                        in: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(target)[..<length]))
                }
                return length
            }
        }
        guard let inode else { throw SystemError("readlink", path, errno: EINVAL) }
        return inode
    }

    private static func inode(in target: UnsafeRawBufferPointer) -> UInt64? {
        let prefix: StaticString = "net:["
        guard target.count > prefix.utf8CodeUnitCount + 1, target.last == UInt8(ascii: "]") else { return nil }
        let text = unsafe Span<UInt8>(_unsafeElements: target.bindMemory(to: UInt8.self))
        guard text.starts(with: prefix) else { return nil }
        return text.extracting(prefix.utf8CodeUnitCount..<text.count - 1).decimal
    }
}
