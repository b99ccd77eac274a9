// SPDX-License-Identifier: Apache-2.0

/// A network namespace and the ways by which it can be entered.
public struct NamespaceDoor: Sendable, Hashable {
    /// The inode number; what is behind a path and has another one is not entered.
    public var inode: UInt64
    /// A process that lives in it.
    public var pid: Int32?
    /// A bind mount of it.
    public var mountPath: String?

    /// Makes a door.
    public init(inode: UInt64, pid: Int32? = nil, mountPath: String? = nil) {
        self.inode = inode
        self.pid = pid
        self.mountPath = mountPath
    }
}
