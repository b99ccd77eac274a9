// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

extension Evidence {
    /// The metrics of which there is anything.
    public var metrics: [Metric] { history.metrics }

    /// The events, by type and entity.
    public var events: [Event] { log.events.values.flatMap { $0 } }

    /// Calls `body` with what the evidence has kept of the snapshots it was made of, node by node, so that it can be
    /// recorded or handed on: entities have the names they are known by now.
    public func forEachSnapshot<Failure: Error>(_ body: (Snapshot) throws(Failure) -> Void) throws(Failure) {
        for node in Set(entities.map(\.node)).sorted() {
            var replay = HistoryReplay(self, node: node)
            for step in history.firstStep..<history.endStep {
                if let snapshot = replay.snapshot(at: step) { try body(snapshot) }
            }
        }
    }
}

/// Makes snapshots of the series of a node, step by step.
private struct HistoryReplay {
    private struct Bucket {
        var number: Int
        var cursor: SeriesPoints.Cursor
    }
    private struct Row {
        var entity: EntityTable.Index
        var labels: [String]
        var value: SeriesPoints.Cursor?
        var buckets: [Bucket] = []
    }
    private struct Key: Hashable {
        var entity: EntityRegistry.Number
        var labels: [String]
    }

    private let history: History
    private var table: EntityTable
    private var families: [(metric: Metric, rows: [Row])]

    init(_ evidence: Evidence, node: String) {
        history = evidence.history
        table = EntityTable(node: node)
        var positions: [EntityRegistry.Number: EntityTable.Index] = [:]
        for (number, one) in evidence.entities.enumerated() where one.node == node {
            positions[number] = one.entity.kind == .node ? EntityTable.nodeIndex : table.append(one.entity)
        }
        families = history.metrics.map { ($0, []) }
        var rows: [[Key: Int]] = Array(repeating: [:], count: families.count)
        for one in history.series {
            guard let entity = positions[one.entity] else { continue }
            let key = Key(entity: one.entity, labels: one.labels)
            let row = rows[one.metric][key] ?? families[one.metric].rows.count
            if row == families[one.metric].rows.count {
                families[one.metric].rows.append(Row(entity: entity, labels: one.labels))
                rows[one.metric][key] = row
            }
            let cursor = SeriesPoints.Cursor(one.points)
            guard let bucket = one.bucket else {
                families[one.metric].rows[row].value = cursor
                continue
            }
            let bounds = families[one.metric].metric.buckets?.bounds ?? []
            guard let number = (0...bounds.count).first(where: { History.Bucket($0, of: bounds) == bucket }) else {
                continue
            }
            families[one.metric].rows[row].buckets.append(Bucket(number: number, cursor: cursor))
        }
    }

    /// What was there at a step; nil for nothing. Steps must be asked for in their order.
    mutating func snapshot(at step: Int) -> Snapshot? {
        var snapshot = Snapshot(timestamp: history.time(of: step), entities: table)
        for position in families.indices {
            var family = Family(families[position].metric)
            let width = family.metric.buckets?.width
            for row in families[position].rows.indices {
                guard let value = families[position].rows[row].value?.value(at: step) else { continue }
                let (entity, labels) = (families[position].rows[row].entity, families[position].rows[row].labels)
                guard let width else {
                    family.append(value, for: entity, labels: labels)
                    continue
                }
                var counts = [UInt64](repeating: 0, count: width)
                for bucket in families[position].rows[row].buckets.indices {
                    let number = families[position].rows[row].buckets[bucket].number
                    counts[number] = families[position].rows[row].buckets[bucket].cursor.value(at: step) ?? 0
                }
                family.append(sum: value, counts: counts, for: entity, labels: labels)
            }
            if family.count > 0 { snapshot.families.append(family) }
        }
        return snapshot.families.isEmpty ? nil : snapshot
    }
}
