// SPDX-License-Identifier: Apache-2.0
internal import Glibc
public import SkoopIdentity
public import SkoopModel
public import SkoopSystem

/// Finds the own network namespace and those of its processes that may be looked at: all that there is to a sidecar. Needs
/// no privileges.
///
/// The node's namespace is not among the namespaces, so that probes which read what is the node's say that they cannot.
public struct OwnInventoryReader: InventoryReader, ~Copyable {
    /// Stands for the node's namespace, which is not seen.
    public static let unseenNode = NamespaceID(rawValue: .max)

    private let proc: String
    private var files: ProcInventoryReader
    private var addresses: AddressReader

    /// Makes a reader.
    ///
    /// - Parameter host: where `/proc` is.
    public init(host: ProbeEnvironment.HostPaths = .init()) {
        proc = host.proc
        files = ProcInventoryReader(proc: host.proc)
        addresses = AddressReader(host, usesPass: false)
    }

    /// What is here now.
    public mutating func read() throws(SystemError) -> HostInventory {
        let own = NamespaceID(rawValue: try NamespaceHandle.current().inode)
        // Of a first process that hides its namespace others assume that it is the node's.
        let first = (try? FileIdentity(path: "\(proc)/1/ns/net"))?.inode
        let processes = try files.read().processes.filter { process in
            process.namespace == own && (process.pid != 1 || first == own.rawValue)
        }
        var inventory = HostInventory(
            nodeNamespace: Self.unseenNode, namespaces: [NetworkNamespace(id: own, pid: getpid())],
            processes: processes)
        inventory.addresses = addresses.look(
            at: inventory.namespaces, nil, node: Self.unseenNode, now: MonotonicTime.now.nanoseconds)
        return inventory
    }
}
