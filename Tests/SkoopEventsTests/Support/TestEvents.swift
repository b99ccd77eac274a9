// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes

extension EventType {
    /// A type that exists only in tests.
    static func test(_ name: String = "Test", probe: String = "test") -> EventType {
        EventType(
            name: name, probe: probe, help: "", labels: .tuple,
            fields: [
                EventField("reason", .string, ""), EventField("number", .integer, ""),
                EventField("wait_ns", .duration, ""),
            ], source: "", suggests: "")
    }
}

extension ProbeEvent {
    /// An event of a namespace, told from others by its source port and its reason.
    static func test(
        _ type: EventType = .test(), at time: UInt64 = 1, in namespace: UInt64 = 7, port: UInt16 = 1,
        reason: String = "none", wait: UInt64 = 0
    ) -> ProbeEvent {
        ProbeEvent(
            type, time: time, namespace: NamespaceID(rawValue: namespace),
            tuple: PacketTuple(
                protocolNumber: 6, source: .init(IPAddress(v4: 0x0a00_0001), port: port),
                destination: .init(IPAddress(v4: 0x0a00_0002), port: 80)),
            values: [.string(reason), .integer(Int64(truncatingIfNeeded: time)), .duration(wait)])
    }
}

extension Event {
    /// An event as sinks get it.
    static func test(_ number: UInt64 = 1, type: EventType = .test(), pod: String = "web") -> Event {
        Event(
            type: type, timestamp: number, node: "node",
            entity: Entity(
                kind: .pod, namespace: NamespaceID(rawValue: 7), podNamespace: "shop", podName: pod))
    }
}

extension Census {
    /// A census of pods by namespace, in the Kubernetes namespace `shop`; the node's namespace is 1.
    ///
    /// - Parameter cookies: those of some of the namespaces.
    static func test(
        _ pods: [UInt64: String], cookies: [UInt64: UInt64] = [:], peers: PeerTable = PeerTable()
    ) -> Census {
        let node = NamespaceID(rawValue: 1)
        var table = EntityTable(node: "node", nodeEntity: Entity(kind: .node, namespace: node))
        var entities = [node: EntityTable.nodeIndex]
        for (id, name) in pods.sorted(by: { $0.key < $1.key }) {
            let namespace = NamespaceID(rawValue: id)
            entities[namespace] = table.append(
                Entity(kind: .pod, namespace: namespace, podNamespace: "shop", podName: name))
        }
        let namespaces = entities.keys.sorted().map { id in
            var namespace = NetworkNamespace(id: id)
            namespace.cookie = cookies[id.rawValue] ?? 0
            return namespace
        }
        return Census(
            inventory: HostInventory(nodeNamespace: node, namespaces: namespaces, processes: []), entities: table,
            entityOfNamespace: entities, entityOfProcess: [], peers: peers)
    }
}
