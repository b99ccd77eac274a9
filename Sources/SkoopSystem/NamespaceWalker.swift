// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
import Glibc

/// Visits many network namespaces one after the other on the calling thread and opens a netlink socket in each.
///
/// A visit holds nothing open afterwards that would keep a namespace alive. Every namespace is checked to be the expected
/// one, since a process number may have been given to another process since the list was made.
///
/// Needs `CAP_SYS_ADMIN`, and `CAP_SYS_PTRACE` for processes of other users. Any number of walkers may share shortcuts.
public struct NamespaceWalker: Sendable {
    /// A namespace that was not visited.
    public struct Failure: Sendable {
        /// Its position in the list.
        public var index: Int
        /// Why; a namespace that is gone answers with an error that ``SystemError/isAbsence``.
        public var error: SystemError
    }

    private let procRoot: String
    private let shortcuts: NamespaceShortcuts

    /// Makes a walker.
    ///
    /// - Parameters:
    ///   - procRoot: where the host's `/proc` is.
    ///   - shortcuts: what earlier walks found out.
    public init(procRoot: String = "/proc", shortcuts: NamespaceShortcuts = NamespaceShortcuts()) {
        self.procRoot = procRoot
        self.shortcuts = shortcuts
    }

    /// Visits the namespaces in order and returns to the thread's own.
    ///
    /// - Parameters:
    ///   - doors: the namespaces.
    ///   - places: which of them to visit, where another thread visits the others; all by default.
    ///   - family: what to open a socket for.
    ///   - visit: called in each namespace with its position and a socket, which goes with the visit.
    /// - Returns: the namespaces that could not be entered, or no longer are what they were.
    /// - Throws: why the thread's own namespace cannot be opened, without which there would be no way back.
    public func walk(
        _ doors: [NamespaceDoor], _ places: Range<Int>? = nil, opening family: NetlinkSocket.Family,
        _ visit: (Int, inout NetlinkSocket) -> Void
    ) throws(SystemError) -> [Failure] {
        let home = try NamespaceHandle.current()
        defer { home.returnHome() }
        var failures: [Failure] = []
        for index in places ?? doors.indices {
            let door = doors[index]
            do throws(SystemError) {
                var socket =
                    door.inode == home.inode ? try stay(home, opening: family) : try enter(door, opening: family)
                visit(index, &socket)
            } catch {
                failures.append(Failure(index: index, error: error))
            }
        }
        shortcuts.keep(doors)
        return failures
    }

    /// The own namespace is at hand, also where no process of it may be looked at and none may be entered.
    private func stay(
        _ home: borrowing NamespaceHandle, opening family: NetlinkSocket.Family
    ) throws(SystemError) -> NetlinkSocket {
        if !home.isCurrent { try home.enter() }
        return try NetlinkSocket(family)
    }

    private func enter(
        _ door: NamespaceDoor, opening family: NetlinkSocket.Family
    ) throws(SystemError) -> NetlinkSocket {
        if let shortcut = shortcuts.find(door) {
            if setns(shortcut.process.descriptor, newNetworkNamespace) == 0 {
                let socket = try NetlinkSocket(family)
                if socket.namespaceCookie == shortcut.cookie { return socket }
            }
            shortcuts.forget(door.inode)
        }
        let pid = try enterByPath(door)
        let socket = try NetlinkSocket(family)
        if let pid, let cookie = socket.namespaceCookie { shortcuts.remember(pid, for: door.inode, cookie: cookie) }
        return socket
    }

    /// Enters by the process or else by the mount; returns the process if it was that.
    private func enterByPath(_ door: NamespaceDoor) throws(SystemError) -> Int32? {
        var failure = SystemError("setns", "net:[\(door.inode)]", errno: ENOENT)
        if let pid = door.pid {
            do throws(SystemError) {
                try enter("\(procRoot)/\(pid)/ns/net", expecting: door.inode)
                return pid
            } catch { failure = error }
        }
        if let path = door.mountPath {
            do throws(SystemError) {
                try enter(path, expecting: door.inode)
                return nil
            } catch { failure = error }
        }
        throw failure
    }

    private func enter(_ path: String, expecting inode: UInt64) throws(SystemError) {
        let file = try FileDescriptor(open: path)
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else { throw SystemError(lastOf: "fstat", path) }
        // The process ended and its number was given to another, or the mount was replaced.
        guard UInt64(status.st_ino) == inode else { throw SystemError("setns", path, errno: ENOENT) }
        guard setns(file.rawValue, newNetworkNamespace) == 0 else { throw SystemError(lastOf: "setns", path) }
    }
}
