// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopLab
import SkoopModel
import Synchronization

/// Names the hosts of labs as if they were pods, by their namespaces and addresses.
final class LabNames: EntityProvider, Sendable {
    /// The namespace of all of them.
    static let namespace = "lab"

    private struct Host {
        var name: String
        var addresses: [IPAddress]
    }
    private let hosts = Mutex<[NamespaceID: Host]>([:])
    private let hidden = Mutex<Set<NamespaceID>>([])

    /// What is between hosts and is not watched.
    func hide(_ host: LabHost) { _ = hidden.withLock { $0.insert(NamespaceID(rawValue: host.inode)) } }

    /// The inventory without what is hidden.
    func visible(_ inventory: HostInventory) -> HostInventory {
        let hidden = hidden.withLock { $0 }
        guard !hidden.isEmpty else { return inventory }
        var inventory = inventory
        inventory.namespaces.removeAll { hidden.contains($0.id) }
        inventory.processes.removeAll { hidden.contains($0.namespace) }
        return inventory
    }

    func add(_ more: [LabHost], _ label: String) {
        hosts.withLock { hosts in
            for host in more {
                hosts[NamespaceID(rawValue: host.inode)] = Host(
                    name: "\(label)-\(host.name)",
                    addresses: IPFamily.allCases.compactMap { IPAddress(bytes: host.endpoint($0, port: 0).bytes) })
            }
        }
    }

    func remove(_ fewer: [LabHost]) {
        hosts.withLock { hosts in for host in fewer { hosts[NamespaceID(rawValue: host.inode)] = nil } }
        hidden.withLock { hidden in for host in fewer { hidden.remove(NamespaceID(rawValue: host.inode)) } }
    }

    func update(for inventory: HostInventory) -> Bool { true }

    func identity(of subject: EntitySubject) -> EntityIdentity? {
        guard !subject.isHostNetwork else { return nil }
        return hosts.withLock { $0[subject.namespace.id] }.map { .pod(namespace: Self.namespace, name: $0.name) }
    }

    var peers: PeerTable {
        var table = PeerTable()
        hosts.withLock { hosts in
            for (id, host) in hosts {
                let peer = Peer(kind: .pod, namespace: Self.namespace, pod: host.name)
                for address in host.addresses { table.add(address, of: peer, in: id) }
            }
        }
        return table
    }
}
