// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
import Glibc

/// A network namespace held open by a file descriptor.
///
/// While a handle lives, the kernel keeps the namespace with all its devices, also when its last process is gone and
/// its last mount removed. Hold one for a moment, not for the life of a program.
///
/// Entering needs `CAP_SYS_ADMIN`. Kernel 4.11 and later. Source: `fs/nsfs.c`, `kernel/nsproxy.c`.
public struct NamespaceHandle: ~Copyable, Sendable {
    private let descriptor: FileDescriptor
    /// The inode number, by which `/proc/<pid>/ns/net` names the namespace.
    public let inode: UInt64

    /// Opens the namespace at a path: `/proc/<pid>/ns/net` or a bind mount such as `/run/netns/blue`.
    ///
    /// - Throws: what `open` says, or `EINVAL` where the file is no network namespace.
    public init(path: String) throws(SystemError) {
        let descriptor = try FileDescriptor(open: path)
        var status = stat()
        guard ioctl(descriptor.rawValue, namespaceTypeRequest) == newNetworkNamespace,
            fstat(descriptor.rawValue, &status) == 0
        else { throw SystemError("ns_get_nstype", path, errno: EINVAL) }
        self.descriptor = descriptor
        self.inode = UInt64(status.st_ino)
    }

    /// Opens the namespace of a process's main thread.
    ///
    /// - Parameters:
    ///   - pid: the process, as numbered in the pid namespace that `procRoot` shows.
    ///   - procRoot: where that `/proc` is mounted.
    public init(process pid: Int32, procRoot: String = "/proc") throws(SystemError) {
        try self.init(path: "\(procRoot)/\(pid)/ns/net")
    }

    /// Opens the namespace of the calling thread.
    public static func current() throws(SystemError) -> NamespaceHandle {
        try NamespaceHandle(path: "/proc/thread-self/ns/net")
    }

    /// Moves the calling thread, and no other, into the namespace. Prefer ``withEntered(_:)``, which comes back.
    ///
    /// - Throws: `EPERM` without `CAP_SYS_ADMIN` in the namespace's and the caller's user namespace.
    public func enter() throws(SystemError) {
        guard setns(descriptor.rawValue, newNetworkNamespace) == 0 else {
            throw SystemError(lastOf: "setns", "net:[\(inode)]")
        }
    }

    /// Whether the calling thread is in the namespace.
    var isCurrent: Bool {
        do throws(SystemError) { return try NamespaceHandle.current().inode == inode } catch { return false }
    }

    /// Calls `body` on the calling thread inside the namespace and moves the thread back.
    ///
    /// Sockets opened by `body` belong to the namespace for good. The process ends if the thread cannot be moved back:
    /// whatever it did next would be done in the wrong namespace.
    ///
    /// - Throws: why the namespace could not be entered; a `body` that can fail returns a `Result`.
    public func withEntered<Value>(_ body: () -> Value) throws(SystemError) -> Value {
        let home = try NamespaceHandle.current()
        try enter()
        defer { home.returnHome() }
        return body()
    }

    /// Moves the thread back to where it came from, which only a lack of memory can hinder. Who may not enter any
    /// namespace has not left this one.
    func returnHome() {
        for _ in 0..<1000 {
            if setns(descriptor.rawValue, newNetworkNamespace) == 0 { return }
            guard errno == ENOMEM || errno == EINTR else { break }
            sched_yield()
        }
        let failure = SystemError(lastOf: "setns", "net:[\(inode)]")
        guard isCurrent else { fatalError("cannot leave a network namespace: \(failure)") }
    }
}

/// `CLONE_NEWNET` of `linux/sched.h`, hidden like ``setns``.
let newNetworkNamespace: CInt = 0x4000_0000

/// `NS_GET_NSTYPE` of `linux/nsfs.h`, `_IO(0xb7, 3)`: a macro that is not imported.
private let namespaceTypeRequest: UInt = 0xb703
