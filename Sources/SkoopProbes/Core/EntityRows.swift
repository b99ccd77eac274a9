// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopModel

/// Counters by entity and something else, summed over what has the same labels.
struct EntityRows<Kind: Hashable> {
    private struct Key: Hashable {
        var entity: EntityTable.Index
        var kind: Kind
    }

    private var rows: [Key: Int] = [:]
    private var order: [(key: Key, values: [UInt64])] = []

    /// Adds counters.
    mutating func add(_ values: [UInt64], _ kind: Kind, for entity: EntityTable.Index) {
        let key = Key(entity: entity, kind: kind)
        guard let row = rows[key] else {
            rows[key] = order.count
            return order.append((key, values))
        }
        for column in values.indices { order[row].values[column] += values[column] }
    }

    /// A family for each metric of the counters, in the order of their labels.
    ///
    /// - Parameter omitsZeros: whether rows are left out of families for which they have counted nothing.
    func families(_ metrics: [Metric], omitsZeros: Bool = false, labels: (Kind) -> [String]) -> [Family] {
        var families = metrics.map { Family($0, reserving: order.count) }
        let labelled = order.map { (entity: $0.key.entity, labels: labels($0.key.kind), values: $0.values) }
        let sorted = labelled.sorted { one, other in
            one.entity != other.entity
                ? one.entity < other.entity : one.labels.lexicographicallyPrecedes(other.labels)
        }
        for row in sorted {
            for column in metrics.indices where !omitsZeros || row.values[column] > 0 {
                families[column].append(row.values[column], for: row.entity, labels: row.labels)
            }
        }
        return families
    }
}

extension EntityRows {
    /// The counters in a kernel map that has one entry per namespace and something else; entries of namespaces that are
    /// gone, and of numbers that have become another's, are removed.
    ///
    /// - Parameters:
    ///   - key: the namespace of an entry and when it last changed, in nanoseconds of `CLOCK_MONOTONIC`.
    ///   - row: what else it is of, and its counters.
    init<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ name: BPFMapName<Key, Value>, of object: borrowing LoadedBPFObject, _ owners: RowOwners,
        _ moment: RowLease.Moment, key: (Key, Value) -> (netns: UInt32, last: UInt64),
        row: (Key, Value) -> (kind: Kind, values: [UInt64])
    ) throws(BPFError) {
        let map = try object.map(name)
        var rows = EntityRows()
        var gone: [Key] = []
        try map.forEach { entry, value in
            let (netns, last) = key(entry, value)
            if let entity = owners.entity(of: netns) {
                let (kind, values) = row(entry, value)
                rows.add(values, kind, for: entity)
            } else if owners.reused.contains(netns) || last < moment.idle {
                // Not at once: a namespace may be newer than the census.
                gone.append(entry)
            }
        }
        for entry in gone { try map.remove(entry) }
        self = rows
    }
}
