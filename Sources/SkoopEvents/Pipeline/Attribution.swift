// SPDX-License-Identifier: Apache-2.0
public import SkoopIdentity
public import SkoopModel
public import SkoopProbes

/// Says whose an event is, by the latest census. A value is owned by one thread.
public struct Attribution: Sendable {
    private struct Key: Hashable {
        var namespace: NamespaceID
        var cookie: UInt64
    }

    private let node: String
    /// The latest census; nil before the first.
    private(set) var census: Census?
    /// Whether whoever takes the censuses tells apart the namespaces that had one number.
    private var hasCookies = false
    /// Whose numbers were that no namespace has now.
    private var numbers: [NamespaceID: EntityTable.Index] = [:]
    /// Whose namespaces were when a census last found them, and when that was.
    private var owners: [Key: (entity: Entity, isAwaited: Bool, time: UInt64)] = [:]
    /// For how long namespaces that have gone are remembered: until all has been reported that happened in them.
    private static let memory: UInt64 = 60_000_000_000

    /// Makes one that knows nobody yet.
    ///
    /// - Parameter node: the node's name.
    public init(node: String) { self.node = node }

    /// Takes a newer census.
    ///
    /// - Parameters:
    ///   - census: the census.
    ///   - history: which namespaces there are, looked at after the census was taken: only what has the same cookie as
    ///     before it is what it found.
    ///   - now: nanoseconds of `CLOCK_MONOTONIC`.
    public mutating func follow(_ census: Census, _ history: NamespaceHistory?, now: UInt64) {
        self.census = census
        numbers = census.entityOfDepartedNumber
        hasCookies = census.inventory.namespaces.contains { $0.cookie != 0 }
        guard let history else { return }
        for namespace in census.inventory.namespaces
        where namespace.cookie != 0 && namespace.cookie == history.cookie(of: namespace.id) {
            guard let index = census.entityOfNamespace[namespace.id] else { continue }
            owners[Key(namespace: namespace.id, cookie: namespace.cookie)] = (
                census.entities.entities[Int(index)], census.awaited.contains(index), now
            )
        }
        // A birth tells number and cookie of a namespace at once, so that nobody need have looked at it.
        for gone in census.departed where gone.cookie != 0 {
            owners[Key(namespace: gone.id, cookie: gone.cookie)] = (
                census.entities.entities[Int(gone.entity)], census.awaited.contains(gone.entity), now
            )
        }
        owners = owners.filter { $0.value.time + Self.memory > now }
    }

    /// Whose an event is; nil while nobody knows.
    ///
    /// What happened in no namespace is the node's if its type is one of what happens to a node as such, else nobody's.
    ///
    /// - Parameters:
    ///   - event: the event, with the cookie of its namespace where somebody has looked.
    ///   - isPatient: whether a name that may be another in a moment is no answer.
    public func entity(of event: ProbeEvent, isPatient: Bool) -> Entity? {
        if event.namespace == .nowhere {
            if case .fields = event.type.labels { return nodeEntity }
            return .unknown(.nowhere)
        }
        if hasCookies, let cookie = event.cookie {
            if cookie == 0 { return .unknown(event.namespace) }
            let owner = owners[Key(namespace: event.namespace, cookie: cookie)]
            return isPatient && owner?.isAwaited == true ? nil : owner?.entity
        }
        guard let census, let index = census.entityOfNamespace[event.namespace] ?? numbers[event.namespace],
            !(isPatient && census.awaited.contains(index))
        else { return nil }
        return census.entities.entities[Int(index)]
    }

    /// Whether somebody is being asked whose an event is.
    func isAwaited(_ event: ProbeEvent) -> Bool {
        entity(of: event, isPatient: true) == nil && entity(of: event, isPatient: false) != nil
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
