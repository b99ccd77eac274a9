// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

extension Evidence {
    /// The metrics of which there is anything.
    public var metrics: [Metric] { history.metrics }

    /// The events, by type and entity.
    public var events: [Event] { log.events.values.flatMap { $0 } }

    /// Calls `body` with what the evidence has kept of the snapshots it was made of, in the order of time and then of the
    /// nodes' names, so that it can be recorded or handed on: entities have the names they are known by now.
    public func forEachSnapshot<Failure: Error>(_ body: (Snapshot) throws(Failure) -> Void) throws(Failure) {
        var replays = Set(entities.map(\.node)).sorted().map { HistoryReplay(self, node: $0) }
        for step in history.firstStep..<history.endStep {
            for position in replays.indices {
                if let snapshot = replays[position].snapshot(at: step) { try body(snapshot) }
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
        var entity: EntityRegistry.Number
        var labels: [String]
        var value: SeriesPoints.Cursor?
        var buckets: [Bucket] = []
    }
    private struct Key: Hashable {
        var entity: EntityRegistry.Number
        var labels: [String]
    }

    private let history: History
    private let entities: [AnalysedEntity]
    private let node: String
    private var families: [(metric: Metric, rows: [Row])]

    init(_ evidence: Evidence, node: String) {
        history = evidence.history
        entities = evidence.entities
        self.node = node
        families = history.metrics.map { ($0, []) }
        var rows: [[Key: Int]] = Array(repeating: [:], count: families.count)
        for one in history.series where entities[one.entity].node == node {
            let key = Key(entity: one.entity, labels: one.labels)
            let row = rows[one.metric][key] ?? families[one.metric].rows.count
            if row == families[one.metric].rows.count {
                families[one.metric].rows.append(Row(entity: one.entity, labels: one.labels))
                rows[one.metric][key] = row
            }
            let cursor = SeriesPoints.Cursor(one.points)
            guard let bucket = history.bucket(of: one) else {
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
        guard history.has(node, at: step) else { return nil }
        var rows: [(family: Int, row: Int, value: UInt64)] = []
        for family in families.indices {
            for row in families[family].rows.indices {
                guard let value = families[family].rows[row].value?.value(at: step) else { continue }
                rows.append((family, row, value))
            }
        }
        guard !rows.isEmpty else { return nil }
        let (table, positions) = table(of: rows.map { families[$0.family].rows[$0.row].entity })
        var snapshot = Snapshot(timestamp: history.time(of: step), entities: table)
        for (position, row, value) in rows {
            let metric = families[position].metric
            if snapshot.families.last?.metric != metric { snapshot.families.append(Family(metric)) }
            let last = snapshot.families.count - 1
            let one = families[position].rows[row]
            let entity = positions[one.entity] ?? EntityTable.nodeIndex
            guard let width = metric.buckets?.width else {
                snapshot.families[last].append(value, for: entity, labels: one.labels)
                continue
            }
            var counts = [UInt64](repeating: 0, count: width)
            for bucket in one.buckets.indices {
                let number = one.buckets[bucket].number
                counts[number] = families[position].rows[row].buckets[bucket].cursor.value(at: step) ?? 0
            }
            snapshot.families[last].append(sum: value, counts: counts, for: entity, labels: one.labels)
        }
        return snapshot
    }

    /// A table of those that were there: whoever has gone before must not share a namespace number with who came later.
    private func table(
        of numbers: [EntityRegistry.Number]
    ) -> (EntityTable, [EntityRegistry.Number: EntityTable.Index]) {
        var table = EntityTable(node: node)
        var positions: [EntityRegistry.Number: EntityTable.Index] = [:]
        for number in Set(numbers).sorted() {
            let entity = entities[number].entity
            positions[number] = entity.kind == .node ? EntityTable.nodeIndex : table.append(entity)
        }
        return (table, positions)
    }
}
