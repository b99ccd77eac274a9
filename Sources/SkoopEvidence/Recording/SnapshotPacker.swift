// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Packs snapshots, each as the difference to the one before it.
struct SnapshotPacker {
    private struct Series {
        var rows: PackedRows
        var values: [UInt64]
        var buckets: [UInt64]
    }

    /// So many snapshots after one that stands for itself comes the next, so that damage costs no more.
    static let keyInterval = 40

    private var count = 0
    private var texts: [String: UInt64] = [:]
    private var timestamp: UInt64 = 0
    private var node: String?
    private var entities: [Entity] = []
    private var series: [String: Series] = [:]

    /// The content of a block.
    ///
    /// - Parameter kept: which metrics; nil for all.
    mutating func pack(_ snapshot: Snapshot, keeping kept: Set<Metric>?) -> [UInt8] {
        let isKey = count % Self.keyInterval == 0
        if isKey { self = SnapshotPacker() }
        count += 1
        var writer = ByteWriter(texts: texts)
        writer.write(isKey ? 1 : 0 as UInt64)
        writer.write(difference: snapshot.timestamp &- timestamp)
        timestamp = snapshot.timestamp
        writer.write(snapshot.entities.node)
        let isSame = node == snapshot.entities.node && entities == snapshot.entities.entities
        writer.write(isSame ? 1 : 0 as UInt64)
        if !isSame { write(snapshot.entities, &writer) }
        let families = snapshot.families.filter { $0.count > 0 && kept?.contains($0.metric) ?? true }
        writer.write(families.count)
        for family in families { write(family, &writer) }
        texts = writer.knownTexts
        return writer.bytes
    }

    private mutating func write(_ table: EntityTable, _ writer: inout ByteWriter) {
        node = table.node
        entities = table.entities
        writer.write(entities.count)
        for entity in entities {
            writer.write(UInt64(Entity.Kind.allCases.firstIndex(of: entity.kind) ?? 0))
            writer.write(entity.namespace.rawValue)
            writer.write(entity.container)
            writer.write(entity.podNamespace)
            writer.write(entity.podName)
        }
    }

    private mutating func write(_ family: Family, _ writer: inout ByteWriter) {
        let metric = family.metric
        let rows = PackedRows(
            entities: family.entities, labelWidth: metric.labels.extra.count, labels: family.labelValues,
            bounds: metric.buckets?.bounds ?? [], bucketWidth: metric.buckets?.width ?? 0)
        writer.write(metric.name)
        let last = series[metric.name].flatMap { $0.rows == rows ? $0 : nil }
        writer.write(last == nil ? 0 : 1 as UInt64)
        if last == nil {
            writer.write(rows.entities.count)
            for entity in rows.entities { writer.write(UInt64(max(0, entity))) }
            writer.write(rows.labelWidth)
            for label in rows.labels { writer.write(label) }
            writer.write(rows.bucketWidth)
            for bound in rows.bounds { writer.write(bound) }
        }
        func differences(_ values: [UInt64], _ before: [UInt64]?) -> some Sequence<UInt64> {
            values.indices.lazy.map { values[$0] &- (before?[$0] ?? 0) }
        }
        writer.write(sparse: differences(family.values, last?.values))
        writer.write(sparse: differences(family.bucketCounts, last?.buckets))
        series[metric.name] = Series(rows: rows, values: family.values, buckets: family.bucketCounts)
    }
}
