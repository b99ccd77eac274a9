// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
public import Dispatch
import Glibc
public import SkoopSystem
import SkoopTesting

/// One host of the lab: a network namespace with addresses of its own.
///
/// The namespace has no name. It lives as long as the process ``pid``, which does nothing but live in it and ends
/// together with the test, also when that is killed. Needs root.
public final class LabHost: Sendable {
    /// What it is in the topology: `client`, `server` or `router`.
    public let name: String
    /// A process that lives in it, by which an inventory of processes finds the namespace.
    public var pid: Int32 { holder.pid }
    /// The namespace's inode number.
    public var inode: UInt64 { namespace.inode }
    /// A file that `setns` takes: `/proc/<pid>/ns/net`.
    public var path: String { "/proc/\(pid)/ns/net" }
    /// The namespace.
    public let namespace: NamespaceHandle

    private let holder: GuardedProcess
    private let addresses: [IPFamily: String]

    /// Makes a host that has the loopback device only, which is up.
    init(_ name: String, addresses: [IPFamily: String] = [:]) throws {
        let holder = try Self.startHolder()
        self.holder = holder
        namespace = try NamespaceHandle(process: holder.pid)
        self.name = name
        self.addresses = addresses
        try route.setUp("lo")
    }

    /// Starts the process that keeps the new namespace, from a moment's stay in it.
    private static func startHolder() throws(SystemError) -> GuardedProcess {
        let home = try NamespaceHandle.current()
        guard unshare(newNetworkNamespace) == 0 else { throw SystemError(lastOf: "unshare", "network namespace") }
        let holder = Result { () throws(SystemError) in try GuardedProcess(["cat"]) }
        try home.enter()
        return try holder.get()
    }

    /// The address of its device towards the others.
    public func address(_ family: IPFamily) -> String { addresses[family] ?? (family == .v4 ? "127.0.0.1" : "::1") }

    /// A port at its address.
    public func endpoint(_ family: IPFamily, port: UInt16) -> Endpoint {
        Endpoint(family, address(family), port: port)
    }

    /// Calls `body` on the calling thread inside the namespace.
    ///
    /// `body` must start no thread, and nothing of Foundation or Dispatch that might: it would stay in the namespace.
    public func inside<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws -> Value {
        try namespace.withEntered { Result { () throws(Failure) in try body() } }.get()
    }

    /// Starts a program in the namespace that is killed when the value goes.
    ///
    /// - Parameter output: the file to which its standard output goes.
    public func start(_ command: String..., output: String = "/dev/null") throws -> LabProgram {
        try LabProgram(command, in: self, output: output)
    }

    /// Writes a setting of the namespace.
    ///
    /// - Parameter name: a path below `/proc/sys/net`, for example `ipv4/tcp_syn_retries`.
    public func setting(_ name: String, _ value: String) throws {
        try inside { () throws(SystemError) in
            let path = "/proc/sys/net/\(name)"
            let file = open(path, O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { throw SystemError(lastOf: "open", path) }
            defer { close(file) }
            guard write(file, value, value.utf8.count) == value.utf8.count else {
                throw SystemError(lastOf: "write \(value) to", path)
            }
        }
    }

    /// Starts a thread that lives in the namespace and belongs to the group until it ends.
    public func startThread(
        _ name: String, in group: DispatchGroup, _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        group.enter()
        do throws(SystemError) {
            _ = try WorkerThread(name: name) { [self] in
                defer { group.leave() }
                do { try namespace.enter() } catch { return }
                body()
            }
        } catch {
            group.leave()
            throw error
        }
    }
}

/// `CLONE_NEWNET` of `linux/sched.h`, which the C library declares only under `_GNU_SOURCE`.
private let newNetworkNamespace: CInt = 0x4000_0000
