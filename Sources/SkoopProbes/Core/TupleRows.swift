// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
internal import SkoopModel

/// Counters by both ends, summed over what has the same labels, and which of them nobody will miss.
///
/// Several keys of a kernel map can come to the same labels, as a packet's on its way through two namespaces. Their sum
/// must never fall, so they stay or go together.
struct TupleRows<Key> {
    /// What the labels say.
    struct Ends: Hashable {
        var tuple: PacketTuple
        var source: Peer
        var destination: Peer

        /// The ends as seen in a namespace at a moment (ns of `CLOCK_MONOTONIC`); who has an address later had no part in it.
        init(_ tuple: PacketTuple, in namespace: UInt32, at moment: UInt64, _ scrape: Scrape) {
            self.tuple = tuple
            let id = NamespaceID(rawValue: UInt64(namespace))
            source = scrape.census.peer(of: tuple.source.address, seenIn: id, at: moment)
            destination = scrape.census.peer(of: tuple.destination.address, seenIn: id, at: moment)
        }
    }

    private struct Row {
        var values: [UInt64]
        var last: UInt64
        var keys: [Key]
    }

    private var rows: [Ends: Row] = [:]

    /// Adds the counters of a key of the map.
    ///
    /// - Parameter last: when they last changed, in nanoseconds of `CLOCK_MONOTONIC`.
    mutating func add(_ values: [UInt64], _ ends: Ends, of key: Key, last: UInt64) {
        guard var row = rows.removeValue(forKey: ends) else {
            return rows[ends] = Row(values: values, last: last, keys: [key])
        }
        for column in values.indices { row.values[column] += values[column] }
        row.last = max(row.last, last)
        row.keys.append(key)
        rows[ends] = row
    }

    /// A family for each metric of the counters, without the rows that are zero; always in the same order.
    func families(_ metrics: [Metric]) -> [Family] {
        var families = metrics.map { Family($0, reserving: rows.count) }
        for (ends, row) in rows.sorted(by: { $0.key < $1.key }) {
            let labels = TupleLabels.values(ends.tuple, source: ends.source, destination: ends.destination)
            for column in metrics.indices where row.values[column] > 0 {
                families[column].append(row.values[column], labels: labels)
            }
        }
        return families
    }

    /// The keys of the rows that have not changed since the moment `moment` (ns of `CLOCK_MONOTONIC`).
    func keys(unchangedSince moment: UInt64) -> [Key] {
        rows.values.flatMap { $0.last < moment ? $0.keys : [] }
    }
}

extension PacketTuple {
    /// Whether an end is a loopback address, which every namespace has: it is named after the number of the namespace alone.
    var isLoopback: Bool { source.address.unmapped.isLoopback || destination.address.unmapped.isLoopback }
}

extension TupleRows.Ends: Comparable {
    static func < (one: Self, other: Self) -> Bool { one.order < other.order }

    private var order: (UInt8, UInt128, UInt128, UInt32, String) {
        (
            tuple.protocolNumber, tuple.source.address.bits, tuple.destination.address.bits,
            UInt32(tuple.source.port) << 16 | UInt32(tuple.destination.port), owners
        )
    }

    /// Addresses that several namespaces have, as they all have the loopback's, belong to whoever saw them.
    private var owners: String { "\(source.namespace)/\(source.pod) \(destination.namespace)/\(destination.pod)" }
}
