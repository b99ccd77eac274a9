// SPDX-License-Identifier: Apache-2.0
import SkoopModel

extension [Family] {
    /// The value of a metric's row for an entity; `nil` where there is none.
    func value(
        _ metric: some MetricSet, _ entity: EntityTable.Index = EntityTable.nodeIndex, labels: [String] = []
    ) -> UInt64? {
        row(metric, entity, labels).map { $0.values[$1] }
    }

    /// How many observations a histogram's row for an entity has; `nil` where there is none.
    func observations(
        _ metric: some MetricSet, _ entity: EntityTable.Index = EntityTable.nodeIndex, labels: [String] = []
    ) -> UInt64? {
        row(metric, entity, labels).map { $0.bucketCounts(of: $1).reduce(0, +) }
    }

    /// How many observations of a histogram's row are in buckets that begin at `bound` or above.
    func observations(
        _ metric: some MetricSet, _ entity: EntityTable.Index, labels: [String], above bound: UInt64
    ) -> UInt64 {
        guard let (family, row) = row(metric, entity, labels),
            let first = metric.metric.buckets?.bounds.firstIndex(where: { $0 >= bound })
        else { return 0 }
        return family.bucketCounts(of: row).dropFirst(first + 1).reduce(0, +)
    }

    private func row(
        _ metric: some MetricSet, _ entity: EntityTable.Index, _ labels: [String]
    ) -> (Family, Int)? {
        let families = filter { $0.metric == metric.metric }
        precondition(families.count < 2, "\(metric.metric.name) occurs \(families.count) times")
        guard let family = families.first else { return nil }
        let rows = (0..<family.count).filter {
            family.entities[$0] == entity && family.labels(of: $0).elementsEqual(labels)
        }
        precondition(rows.count < 2, "\(metric.metric.name) has \(rows.count) rows of one series")
        return rows.first.map { (family, $0) }
    }

    /// How many rows a metric has.
    func rows(_ metric: some MetricSet) -> Int { reduce(0) { $0 + ($1.metric == metric.metric ? $1.count : 0) } }
}
