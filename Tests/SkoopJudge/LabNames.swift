// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopLab
import SkoopModel
import Synchronization

/// Names the hosts of labs as if they were pods, by their namespaces.
final class LabNames: EntityProvider, Sendable {
    /// The namespace of all of them.
    static let namespace = "lab"

    private let hosts = Mutex<[NamespaceID: String]>([:])
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
                hosts[NamespaceID(rawValue: host.inode)] = "\(label)-\(host.name)"
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
        return hosts.withLock { $0[subject.namespace.id] }.map { .pod(namespace: Self.namespace, name: $0) }
    }
}
