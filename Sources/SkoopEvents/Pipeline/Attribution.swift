// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes

/// Says whose an event is, by the latest census.
struct Attribution: Sendable {
    private let node: String
    /// The latest census; nil before the first.
    var census: Census?

    init(node: String) { self.node = node }

    /// Whose an event is; nil while nobody knows.
    ///
    /// What happened in no namespace is the node's, unless it happened to a packet.
    func entity(of event: ProbeEvent) -> Entity? {
        if event.namespace.rawValue == 0 { return event.tuple == nil ? nodeEntity : .unknown(event.namespace) }
        guard let census, let index = census.entityOfNamespace[event.namespace] else { return nil }
        return census.entities.entities[Int(index)]
    }

    private var nodeEntity: Entity {
        census?.entities.entities.first ?? Entity(kind: .node, namespace: NamespaceID(rawValue: 0))
    }

    /// The event as it is reported.
    func report(_ folded: FoldedEvent, of entity: Entity, _ clock: WallClock) -> Event {
        let event = folded.event
        let own = Peer(entity, node: node)
        let time = event.time == 0 ? nil : event.time
        func peer(_ end: PacketTuple.End?) -> Peer {
            guard let address = end?.address.unmapped else { return .unknown }
            if address.isLoopback { return own }
            return census?.peers.peer(of: address, seenIn: event.namespace, at: time) ?? .unknown
        }
        var report = Event(
            type: event.type, timestamp: clock.time(of: event.time), node: node, entity: entity, tuple: event.tuple,
            source: peer(event.tuple?.source), destination: peer(event.tuple?.destination), process: event.process,
            values: event.values, message: event.message)
        report.count = folded.count
        report.lastTimestamp = max(report.timestamp, clock.time(of: folded.last))
        return report
    }
}
