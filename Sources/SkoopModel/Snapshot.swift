// SPDX-License-Identifier: Apache-2.0

/// All series of one metric at one moment, as columns: row n is `entities[n]`, `values[n]` and the n-th block of
/// `labelValues`.
public struct Family: Sendable {
    /// The metric.
    public let metric: Metric
    /// The entity of each row.
    public private(set) var entities: [EntityTable.Index] = []
    /// The value of each row, an integer to be divided by ten to the power of ``Metric/decimals``; of a histogram, the
    /// sum of the observations.
    public private(set) var values: [UInt64] = []
    /// Of a histogram, how many observations fell into each bucket alone, `metric.buckets.width` per row.
    public private(set) var bucketCounts: [UInt64] = []
    /// The values of the extra labels, as many per row as `metric.labels.extra` has names.
    public private(set) var labelValues: [String] = []

    /// Makes a family without rows.
    public init(_ metric: Metric, reserving rows: Int = 0) {
        self.metric = metric
        entities.reserveCapacity(rows)
        values.reserveCapacity(rows)
    }

    /// Makes a family of whole columns; families of the same rows can share all but the values.
    ///
    /// - Precondition: as many values as entities, and as many label values per row as the metric has extra labels.
    public init(
        _ metric: Metric, entities: [EntityTable.Index], values: [UInt64], labelValues: [String] = []
    ) {
        precondition(entities.count == values.count, "\(metric.name) has \(values.count) values")
        precondition(
            labelValues.count == values.count * metric.labels.extra.count,
            "\(metric.name) has labels \(metric.labels.extra)")
        precondition(metric.kind != .histogram, "\(metric.name) is a histogram")
        self.metric = metric
        self.entities = entities
        self.values = values
        self.labelValues = labelValues
    }

    /// How many rows there are.
    public var count: Int { values.count }

    /// How many series a row is: of a histogram one for each bucket, the sum and the count.
    public var seriesPerRow: Int { metric.buckets.map { $0.width + 2 } ?? 1 }

    /// Adds a row of a metric without extra labels.
    public mutating func append(_ value: UInt64, for entity: EntityTable.Index = EntityTable.nodeIndex) {
        entities.append(entity)
        values.append(value)
    }

    /// Adds a row with the values of the extra labels, in the order of their names.
    ///
    /// - Precondition: as many values as the metric has extra label names.
    public mutating func append(
        _ value: UInt64, for entity: EntityTable.Index = EntityTable.nodeIndex, labels: [String]
    ) {
        precondition(labels.count == metric.labels.extra.count, "\(metric.name) has labels \(metric.labels.extra)")
        append(value, for: entity)
        labelValues.append(contentsOf: labels)
    }

    /// Adds a row of a histogram.
    ///
    /// - Parameters:
    ///   - sum: the sum of the observations.
    ///   - counts: how many observations fell into each bucket alone.
    ///   - entity: whose they are.
    ///   - labels: the values of the extra labels.
    /// - Precondition: as many counts as the metric's buckets have, and as many label values as it has extra labels.
    public mutating func append(
        sum: UInt64, counts: some Collection<UInt64>, for entity: EntityTable.Index = EntityTable.nodeIndex,
        labels: [String] = []
    ) {
        precondition(counts.count == metric.buckets?.width, "\(metric.name) has no \(counts.count) buckets")
        append(sum, for: entity, labels: labels)
        bucketCounts.append(contentsOf: counts)
    }

    /// How many observations fell into each bucket alone, of one row.
    public func bucketCounts(of row: Int) -> ArraySlice<UInt64> {
        let width = metric.buckets?.width ?? 0
        return bucketCounts[row * width..<(row + 1) * width]
    }

    /// The values of the extra labels of one row.
    public func labels(of row: Int) -> ArraySlice<String> {
        let width = metric.labels.extra.count
        return labelValues[row * width..<(row + 1) * width]
    }

    /// The same histogram with one bucket where there were `step`: the bounds kept are every `step`-th, counted from the
    /// first slot, so that pages with the same step always have the same buckets.
    ///
    /// - Precondition: a step above 0.
    public func merging(buckets step: Int) -> Family {
        guard step > 1, let buckets = metric.buckets else { return self }
        let kept = stride(from: step - 1, to: buckets.bounds.count, by: step).map { buckets.bounds[$0] }
        var metric = metric
        metric.buckets = HistogramBuckets(bounds: kept)
        var family = Family(metric, reserving: count)
        for row in 0..<count {
            var counts = [UInt64](repeating: 0, count: kept.count + 1)
            for (position, count) in bucketCounts(of: row).enumerated() {
                counts[min(position / step, kept.count)] += count
            }
            family.append(sum: values[row], counts: counts, for: entities[row], labels: Array(labels(of: row)))
        }
        return family
    }

    /// Keeps the first `count` rows; returns how many were cut.
    @discardableResult
    public mutating func truncate(to count: Int) -> Int {
        let cut = max(0, self.count - count)
        guard cut > 0 else { return 0 }
        entities.removeLast(cut)
        values.removeLast(cut)
        labelValues.removeLast(cut * metric.labels.extra.count)
        bucketCounts.removeLast(cut * (metric.buckets?.width ?? 0))
        return cut
    }
}

/// Everything that was measured at one moment.
public struct Snapshot: Sendable {
    /// When it was taken, in nanoseconds since 1970-01-01T00:00:00Z.
    public var timestamp: UInt64
    /// Whose values they are.
    public var entities: EntityTable
    /// The metrics with at least one row, in the order of export; no metric occurs twice.
    public var families: [Family]

    /// Makes a snapshot.
    public init(timestamp: UInt64, entities: EntityTable, families: [Family] = []) {
        self.timestamp = timestamp
        self.entities = entities
        self.families = families
    }

    /// How many series the snapshot has.
    public var seriesCount: Int { families.reduce(0) { $0 + $1.count * $1.seriesPerRow } }
}
