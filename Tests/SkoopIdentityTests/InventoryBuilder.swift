// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel

/// Builds inventories by hand: `node` is namespace 1, processes start in the order in which they are added.
struct InventoryBuilder {
    static let node = NamespaceID(rawValue: 1)
    private(set) var inventory = HostInventory(
        nodeNamespace: node, namespaces: [NetworkNamespace(id: node, pid: 1)], processes: [])
    private var clock: UInt64 = 1

    init(initCgroup: String = "/init.scope") { process(1, in: 1, initCgroup) }

    /// Adds a namespace that has a mount but not necessarily a process.
    mutating func mount(_ namespace: UInt64, at path: String, and others: String...) {
        let id = NamespaceID(rawValue: namespace)
        list(id)
        guard let position = inventory.namespaces.firstIndex(where: { $0.id == id }) else { return }
        inventory.namespaces[position].mountPath = path
        inventory.namespaces[position].otherMountPaths = others
    }

    /// Adds a process, started after all before it.
    mutating func process(_ pid: Int32, in namespace: UInt64, _ cgroup: String = "/") {
        let id = NamespaceID(rawValue: namespace)
        list(id)
        inventory.processes.append(HostProcess(pid: pid, startTime: clock, namespace: id, cgroup: cgroup))
        clock += 1
    }

    /// Removes a process.
    mutating func end(_ pid: Int32) { inventory.processes.removeAll { $0.pid == pid } }

    /// Removes a namespace with its processes.
    mutating func end(namespace: UInt64) {
        let id = NamespaceID(rawValue: namespace)
        inventory.processes.removeAll { $0.namespace == id }
        inventory.namespaces.removeAll { $0.id == id }
    }

    /// Says what cookie a namespace has.
    mutating func mark(_ namespace: UInt64, cookie: UInt64) {
        let id = NamespaceID(rawValue: namespace)
        list(id)
        for place in inventory.namespaces.indices where inventory.namespaces[place].id == id {
            inventory.namespaces[place].cookie = cookie
        }
    }

    /// Adds a birth, after all before it; its control group's number is that of its process.
    mutating func birth(_ pid: Int32, in namespace: UInt64, cookie: UInt64, _ cgroup: String) {
        let process = HostProcess(
            pid: pid, startTime: clock, namespace: NamespaceID(rawValue: namespace), cgroup: cgroup)
        inventory.births.append(
            NamespaceBirth(time: clock, process: process, cookie: cookie, groups: .init(memory: UInt64(pid))))
        clock += 1
    }

    /// Has a birth happen at another time.
    mutating func delay(birth place: Int, until time: UInt64) { inventory.births[place].time = time }

    private mutating func list(_ id: NamespaceID) {
        if !inventory.namespaces.contains(where: { $0.id == id }) {
            inventory.namespaces.append(NetworkNamespace(id: id))
        }
    }
}

extension Census {
    /// The entity of a namespace.
    func entity(ofNamespace namespace: UInt64) -> Entity? {
        entityOfNamespace[NamespaceID(rawValue: namespace)].map { entities.entities[Int($0)] }
    }

    /// The entity of a process.
    func entity(ofProcess pid: Int32) -> Entity? {
        inventory.processes.firstIndex { $0.pid == pid }.map { entities.entities[Int(entityOfProcess[$0])] }
    }

    /// `k8s_namespace/k8s_pod` of all entities but nobody's, which is the last.
    var labels: [String] { entities.entities.dropLast().map { "\($0.podNamespace)/\($0.podName)" } }
}

/// 64 hexadecimal digits that begin with `prefix`.
func containerDigits(_ prefix: String) -> String { prefix + String(repeating: "0", count: 64 - prefix.utf8.count) }
