// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
import Glibc

/// Visits many network namespaces one after the other on the calling thread and opens a netlink socket in each.
///
/// A visit holds nothing open afterwards that would keep a namespace alive. What is kept between walks is a descriptor
/// of the process by which a namespace was entered (`pidfd`): that refers to the process number only, lets the process and
/// its namespace go, and cannot come to mean another process. Entering by it takes 2 µs instead of the 10 µs of opening
/// `/proc/<pid>/ns/net`. Whether the process has moved meanwhile tells the namespace's cookie, asked of the socket that
/// the visit needs anyway. Before 5.14, which has no cookies, each visit goes by path.
///
/// Needs `CAP_SYS_ADMIN`, and `CAP_SYS_PTRACE` for processes of other users. Owned by one thread at a time.
public struct NamespaceWalker: ~Copyable, Sendable {
    /// A namespace that was not visited.
    public struct Failure: Sendable {
        /// Its position in the list.
        public var index: Int
        /// Why; a namespace that is gone answers with an error that ``SystemError/isAbsence``.
        public var error: SystemError
    }

    private struct Shortcut {
        var pid: Int32
        var descriptor: CInt
        var cookie: UInt64
        var walk: UInt64
    }

    private let procRoot: String
    private var shortcuts: [UInt64: Shortcut] = [:]
    private let shortcutLimit: Int
    private var walk: UInt64 = 0

    /// Makes a walker.
    ///
    /// - Parameters:
    ///   - procRoot: where the host's `/proc` is.
    ///   - shortcutLimit: how many descriptors to keep at most; half of the process's limit by default.
    public init(procRoot: String = "/proc", shortcutLimit: Int? = nil) {
        self.procRoot = procRoot
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        self.shortcutLimit = shortcutLimit ?? Int(clamping: limit.rlim_cur / 2)
    }

    deinit {
        for shortcut in shortcuts.values { close(shortcut.descriptor) }
    }

    /// Visits the namespaces in order and returns to the thread's own.
    ///
    /// - Parameters:
    ///   - doors: the namespaces.
    ///   - family: what to open a socket for.
    ///   - visit: called in each namespace with its position and a socket, which goes with the visit.
    /// - Returns: the namespaces that could not be entered, or no longer are what they were.
    /// - Throws: why the thread's own namespace cannot be opened, without which there would be no way back.
    public mutating func walk(
        _ doors: [NamespaceDoor], opening family: NetlinkSocket.Family,
        _ visit: (Int, inout NetlinkSocket) -> Void
    ) throws(SystemError) -> [Failure] {
        let home = try NamespaceHandle.current()
        defer { home.returnHome() }
        walk += 1
        var failures: [Failure] = []
        for (index, door) in doors.enumerated() {
            do throws(SystemError) {
                var socket = try enter(door, opening: family)
                visit(index, &socket)
            } catch {
                failures.append(Failure(index: index, error: error))
            }
        }
        dropUnusedShortcuts()
        return failures
    }

    private mutating func enter(
        _ door: NamespaceDoor, opening family: NetlinkSocket.Family
    ) throws(SystemError) -> NetlinkSocket {
        if let shortcut = shortcuts[door.inode] {
            if shortcut.pid == door.pid, setns(shortcut.descriptor, newNetworkNamespace) == 0 {
                let socket = try NetlinkSocket(family)
                if socket.namespaceCookie == shortcut.cookie {
                    shortcuts[door.inode]?.walk = walk
                    return socket
                }
            }
            dropShortcut(to: door.inode)
        }
        let wentByProcess = try enterByPath(door)
        let socket = try NetlinkSocket(family)
        if wentByProcess, let pid = door.pid, shortcuts.count < shortcutLimit, let cookie = socket.namespaceCookie {
            let descriptor = skoop_pidfd_open(pid)
            if descriptor >= 0 {
                shortcuts[door.inode] = Shortcut(pid: pid, descriptor: descriptor, cookie: cookie, walk: walk)
            }
        }
        return socket
    }

    /// Enters by the process or else by the mount; whether it was by the process.
    private func enterByPath(_ door: NamespaceDoor) throws(SystemError) -> Bool {
        var failure = SystemError("setns", "net:[\(door.inode)]", errno: ENOENT)
        if let pid = door.pid {
            do throws(SystemError) {
                try enter("\(procRoot)/\(pid)/ns/net", expecting: door.inode)
                return true
            } catch { failure = error }
        }
        if let path = door.mountPath {
            do throws(SystemError) {
                try enter(path, expecting: door.inode)
                return false
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

    private mutating func dropShortcut(to inode: UInt64) {
        guard let shortcut = shortcuts.removeValue(forKey: inode) else { return }
        close(shortcut.descriptor)
    }

    private mutating func dropUnusedShortcuts() {
        for (inode, shortcut) in shortcuts where shortcut.walk != walk { dropShortcut(to: inode) }
    }
}
