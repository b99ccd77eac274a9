// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Who talks to whom, as far as events and the labels of flows name both ends.
struct Relations: Sendable {
    private(set) var peers: [EntityRegistry.Number: Set<EntityRegistry.Number>] = [:]
    private(set) var resolvers: [EntityRegistry.Number: Set<EntityRegistry.Number>] = [:]

    init(_ evidence: Evidence) {
        var numbers: [Peer: [EntityRegistry.Number]] = [:]
        func found(_ peer: Peer) -> [EntityRegistry.Number] {
            guard peer.kind != .unknown else { return [] }
            if let known = numbers[peer] { return known }
            let found = evidence.registry.numbers(of: peer)
            numbers[peer] = found
            return found
        }
        for (key, events) in evidence.log.events {
            for event in events {
                for number in found(event.source) + found(event.destination) { relate(key.entity, number) }
                guard event.type.probe == DNSMetric.probe, event.tuple?.destination.port == 53 else { continue }
                for number in found(event.destination) where number != key.entity {
                    resolvers[key.entity, default: []].insert(number)
                }
            }
        }
        let isOfFlows = evidence.history.metrics.map { $0.labels.extra == TupleLabels.names }
        let all = evidence.history.series
        // By position: a copy of each of some hundred thousand takes longer than all that is asked of them.
        for position in all.indices where isOfFlows[all[position].metric] {
            let series = all[position]
            guard series.labels.count == TupleLabels.names.count else { continue }
            let source = found(Self.peer(series.labels[2..<6]))
            let destination = found(Self.peer(series.labels[7..<11]))
            // Series of both ends are the node's where nobody says who saw them: it talks to none of them therefore.
            if evidence.entities[series.entity].entity.kind != .node {
                for number in source + destination { relate(series.entity, number) }
            }
            for one in source {
                for other in destination {
                    relate(one, other)
                    if series.labels[12] == "53" { resolvers[one, default: []].insert(other) }
                }
            }
        }
    }

    private mutating func relate(_ one: EntityRegistry.Number, _ other: EntityRegistry.Number) {
        guard one != other else { return }
        peers[one, default: []].insert(other)
        peers[other, default: []].insert(one)
    }

    /// The peer of the labels `type`, `node`, `namespace`, `pod` of one end.
    private static func peer(_ labels: ArraySlice<String>) -> Peer {
        let labels = Array(labels)
        guard let kind = Peer.Kind(rawValue: labels[0]) else { return .unknown }
        return Peer(kind: kind, node: labels[1], namespace: labels[2], pod: labels[3])
    }
}
