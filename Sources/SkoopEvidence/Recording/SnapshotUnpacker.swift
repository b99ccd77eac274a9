// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Undoes what a ``SnapshotPacker`` did, block by block.
struct SnapshotUnpacker {
    /// More than any page has; what asks for more is damaged.
    private static let mostValues = 1 << 24

    private var texts: [String] = []
    private var timestamp: UInt64 = 0
    private var entities: [Entity] = []
    private var series: [String: (rows: PackedRows, values: [UInt64], buckets: [UInt64])] = [:]
    /// Metrics that the catalogue does not know, from a later version.
    private(set) var unknown: Set<String> = []
    private var isReady = false

    /// Says that a snapshot is missing, so that only one that stands for itself can be the next.
    mutating func skip() { isReady = false }

    /// The snapshot of a block; nil where the one before it is missing.
    mutating func unpack(_ content: [UInt8]) throws(ByteReader.Malformed) -> Snapshot? {
        var reader = ByteReader(content)
        if try reader.number() == 1 {
            let known = unknown
            self = SnapshotUnpacker()
            unknown = known
            isReady = true
        }
        guard isReady else { return nil }
        // A block that turns out to be damaged leaves nothing that the next could build upon.
        isReady = false
        reader.know(texts)
        timestamp = timestamp &+ (try reader.difference())
        let node = try reader.text()
        if try reader.number() == 0 { try readEntities(&reader) }
        guard !entities.isEmpty else { throw .init() }
        var table = EntityTable(node: node, nodeEntity: entities[0])
        for entity in entities.dropFirst() { table.append(entity) }
        var snapshot = Snapshot(timestamp: timestamp, entities: table)
        for _ in 0..<(try reader.count()) {
            if let family = try readFamily(&reader) { snapshot.families.append(family) }
        }
        guard reader.isAtEnd else { throw .init() }
        texts = reader.texts
        isReady = true
        return snapshot
    }

    private mutating func readEntities(_ reader: inout ByteReader) throws(ByteReader.Malformed) {
        entities = []
        for _ in 0..<(try reader.count(of: 5)) {
            let kind = Entity.Kind.allCases[try reader.position(below: Entity.Kind.allCases.count)]
            let namespace = NamespaceID(rawValue: try reader.number())
            let (container, pod) = (try reader.text(), (try reader.text(), try reader.text()))
            entities.append(
                Entity(kind: kind, namespace: namespace, container: container, podNamespace: pod.0, podName: pod.1))
        }
    }

    private mutating func readFamily(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> Family? {
        let name = try reader.text()
        let isSame = try reader.number() == 1
        let rows: PackedRows
        if isSame {
            guard let known = series[name]?.rows else { throw .init() }
            rows = known
        } else {
            rows = try readRows(&reader)
        }
        let last = isSame ? series[name] : nil
        let values = zip(try reader.sparse(rows.entities.count), last?.values ?? rows.entities.map { _ in 0 })
            .map { $0 &+ $1 }
        let differences = try reader.sparse(rows.entities.count * rows.bucketWidth)
        let buckets = last.map { zip(differences, $0.buckets).map { $0 &+ $1 } } ?? differences
        series[name] = (rows, values, buckets)
        return family(name, rows, values, buckets)
    }

    private func readRows(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> PackedRows {
        var rows = PackedRows()
        let count = try reader.count()
        for _ in 0..<count { rows.entities.append(EntityTable.Index(try reader.position(below: entities.count))) }
        rows.labelWidth = try reader.position(below: 256)
        guard count * rows.labelWidth <= Self.mostValues else { throw .init() }
        for _ in 0..<count * rows.labelWidth { rows.labels.append(try reader.text()) }
        rows.bucketWidth = try reader.position(below: 1024)
        guard count * rows.bucketWidth <= Self.mostValues else { throw .init() }
        for _ in 0..<max(0, rows.bucketWidth - 1) { rows.bounds.append(try reader.number()) }
        return rows
    }

    private mutating func family(
        _ name: String, _ rows: PackedRows, _ values: [UInt64], _ buckets: [UInt64]
    ) -> Family? {
        guard var metric = Catalogue.metric(named: name), metric.labels.extra.count == rows.labelWidth,
            (metric.kind == .histogram) == (rows.bucketWidth > 0), rows.bounds == rows.bounds.sorted()
        else {
            unknown.insert(name)
            return nil
        }
        guard metric.kind == .histogram else {
            return Family(metric, entities: rows.entities, values: values, labelValues: rows.labels)
        }
        metric.buckets = HistogramBuckets(bounds: rows.bounds)
        var family = Family(metric, reserving: values.count)
        for row in values.indices {
            family.append(
                sum: values[row], counts: buckets[row * rows.bucketWidth..<(row + 1) * rows.bucketWidth],
                for: rows.entities[row],
                labels: Array(rows.labels[row * rows.labelWidth..<(row + 1) * rows.labelWidth]))
        }
        return family
    }
}
