// SPDX-License-Identifier: Apache-2.0
internal import SkoopModel

/// What one namespace's connection tracking has told, counted.
struct ConntrackEventCounts: Sendable {
    private static let protocols: [UInt8] = [6, 17, 1, 58, 255]
    private static let labels = protocols.map {
        let end = PacketTuple.End(IPAddress(v4: 0))
        return PacketTuple(protocolNumber: $0, source: end, destination: end).protocolName
    }

    /// By kind and within it by protocol, then those without an answer; empty as long as there are none, as in most
    /// namespaces.
    private var counts: [UInt64] = []

    /// Counts an event of a connection.
    mutating func count(_ kind: ConntrackKind, _ entry: ConntrackEntry) {
        if counts.isEmpty {
            counts = [UInt64](repeating: 0, count: (ConntrackKind.allCases.count + 1) * Self.protocols.count)
        }
        let number = entry.original.ends.protocolNumber
        let place = Self.protocols.firstIndex(of: number) ?? Self.protocols.count - 1
        counts[kind.rawValue * Self.protocols.count + place] += 1
        if kind == .destroy, !entry.status.contains(.seenReply) {
            counts[ConntrackKind.allCases.count * Self.protocols.count + place] += 1
        }
    }

    /// Adds the rows of an entity: what there was by `event` and `protocol`, and what was unanswered by `protocol`.
    func add(
        for entity: EntityTable.Index, to events: inout EntityRows<[String]>, _ unanswered: inout EntityRows<[String]>
    ) {
        for (place, count) in counts.enumerated() where count > 0 {
            let label = Self.labels[place % Self.protocols.count]
            if let kind = ConntrackKind(rawValue: place / Self.protocols.count) {
                events.add([count], [kind.label, label], for: entity)
            } else {
                unanswered.add([count], [label], for: entity)
            }
        }
    }
}
