// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Puts series, as pages and servers have them, together to snapshots: one per node.
struct SnapshotAssembler {
    private struct Key: Hashable {
        var node: String?
        var origin: String
        var entity: Entity
        var labels: [String]
    }

    /// What is known of a row.
    fileprivate struct Row {
        var isAlias: Bool
        var value: UInt64?
        var count: UInt64?
        /// How many observations there were up to each bound.
        var buckets: [UInt64: UInt64] = [:]
    }

    private var rows: [Metric: [Key: Row]] = [:]
    private var nodes: Set<String> = []
    private var nodeOfOrigin: [String: String] = [:]

    var isEmpty: Bool { rows.isEmpty }

    /// Adds a value.
    ///
    /// - Returns: false where the same series was there already; a series under the metric's own name takes the place of
    ///   one under another spelling, and is no repetition.
    @discardableResult
    mutating func add(_ series: SeriesIdentity, _ value: UInt64) -> Bool {
        if let node = series.node {
            nodes.insert(node)
            if nodeOfOrigin[series.origin] == nil { nodeOfOrigin[series.origin] = node }
        }
        // Whoever was asked, a node is a node.
        let origin = series.node == nil ? series.origin : ""
        let key = Key(node: series.node, origin: origin, entity: series.entity, labels: series.labels)
        var row = rows[series.metric]?[key] ?? Row(isAlias: series.isAlias)
        if row.isAlias, !series.isAlias { row = Row(isAlias: false) }
        guard row.isAlias == series.isAlias else { return true }
        var isNew = false
        switch series.part {
        case .value, .sum: isNew = Self.set(&row.value, value)
        case .count, .bucket(nil): isNew = Self.set(&row.count, value) || row.count == value
        case .bucket(let bound?): isNew = Self.set(&row.buckets[bound], value)
        }
        rows[series.metric, default: [:]][key] = row
        return isNew || series.isAlias
    }

    private static func set(_ place: inout UInt64?, _ value: UInt64) -> Bool {
        guard place == nil else { return false }
        place = value
        return true
    }

    /// The snapshots of the nodes, in the order of their names.
    ///
    /// - Parameters:
    ///   - timestamp: when.
    ///   - node: the name of a node that no label names.
    func snapshots(timestamp: UInt64, node defaultNode: String) -> [Snapshot] {
        let only = nodes.count == 1 ? nodes.first : nil
        var drafts: [String: Draft] = [:]
        for (metric, rows) in rows.sorted(by: { $0.key.name < $1.key.name }) {
            let bounds = Set(rows.values.flatMap(\.buckets.keys)).sorted()
            var shown = metric
            if metric.kind == .histogram { shown.buckets = HistogramBuckets(bounds: bounds) }
            var families: [String: Family] = [:]
            for (key, row) in rows {
                let node = key.node ?? nodeOfOrigin[key.origin] ?? only ?? defaultNode
                let entity = drafts[node, default: Draft(node)].index(of: key.entity)
                if metric.kind == .histogram {
                    guard let counts = row.counts(bounds) else { continue }
                    families[node, default: Family(shown)].append(
                        sum: row.value ?? 0, counts: counts, for: entity, labels: key.labels)
                } else if let value = row.value {
                    families[node, default: Family(shown)].append(value, for: entity, labels: key.labels)
                }
            }
            for (node, family) in families { drafts[node]?.families.append(family) }
        }
        return drafts.keys.sorted().compactMap { node in
            drafts[node].map { Snapshot(timestamp: timestamp, entities: $0.entities, families: $0.families) }
        }
    }

    /// A snapshot in the making.
    private struct Draft {
        var entities: EntityTable
        var families: [Family] = []
        private var positions: [Entity: EntityTable.Index] = [:]

        init(_ node: String) { entities = EntityTable(node: node) }

        mutating func index(of entity: Entity) -> EntityTable.Index {
            guard entity.kind != .node else { return EntityTable.nodeIndex }
            if let known = positions[entity] { return known }
            let position = entities.append(entity)
            positions[entity] = position
            return position
        }
    }
}

extension SnapshotAssembler.Row {
    /// The observations in each bucket alone; nil where the sums up to the bounds fall, and so mean nothing.
    fileprivate func counts(_ bounds: [UInt64]) -> [UInt64]? {
        var counts: [UInt64] = []
        var last: UInt64 = 0
        for bound in bounds {
            let sum = buckets[bound] ?? last
            guard sum >= last else { return nil }
            counts.append(sum - last)
            last = sum
        }
        let all = count ?? last
        guard all >= last else { return nil }
        return counts + [all - last]
    }
}
