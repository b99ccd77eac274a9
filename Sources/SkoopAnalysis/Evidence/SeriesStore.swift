// SPDX-License-Identifier: Apache-2.0

/// The series of a history and where they are.
///
/// An agent with hundreds of pods keeps some hundred thousand: a series costs little beyond its points, and is found
/// without hashing as long as snapshots have their rows in the order of those before.
struct SeriesStore: Sendable {
    /// A series: one row of a family, or one bucket of one.
    struct Series: Sendable {
        private let metricNumber: Int32
        fileprivate var entityNumber: Int32
        /// The values of the extra labels.
        let labels: [String]
        /// Of a histogram: the number of the bucket, see ``History/buckets``; -1 for the sum.
        let bucket: Int32
        /// The position of the next one of the same metric and entity; -1 for none. Positions ascend.
        fileprivate var next: Int32 = -1
        var points: SeriesPoints

        fileprivate init(
            metric: Int, entity: EntityRegistry.Number, labels: [String], bucket: Int32, points: SeriesPoints
        ) {
            metricNumber = Int32(metric)
            entityNumber = Int32(entity)
            self.labels = labels
            self.bucket = bucket
            self.points = points
        }

        /// Position of the metric in ``History/metrics``.
        var metric: Int { Int(metricNumber) }
        var entity: EntityRegistry.Number { Int(entityNumber) }

        fileprivate func isOf(_ labels: ArraySlice<String>, _ bucket: Int32) -> Bool {
            self.bucket == bucket && self.labels.elementsEqual(labels)
        }
    }

    /// Where a series of a family that is being added is expected.
    struct Cursor {
        fileprivate var entity: EntityRegistry.Number = -1
        fileprivate var next: Int32 = -1
    }

    private struct Chain {
        var first: Int32 = -1
        var last: Int32 = -1
    }

    private(set) var series: [Series] = []
    /// By metric and entity: which of the series are theirs.
    private var chains: [[Chain]] = []
    /// By the hash of what a series is of: where it is, for those that others of the same hash have not taken.
    private var positions: [Int: Int32] = [:]
    /// Pods have the same labels again and again.
    private var labelSets: Set<[String]> = []

    /// Roughly how many bytes it takes.
    var byteCount: Int {
        let points = series.reduce(0) { $0 + $1.points.byteCount }
        let index = positions.capacity * 2 * MemoryLayout<Int>.stride
        let chains = chains.reduce(0) { $0 + $1.capacity * MemoryLayout<Chain>.stride }
        return points + series.capacity * MemoryLayout<Series>.stride + index + chains
    }

    /// Calls `body` with the series of a metric and an entity, in the order in which they came.
    func forEach(of metric: Int, _ entity: EntityRegistry.Number, _ body: (Series) -> Void) {
        var position = first(metric, entity)
        while position >= 0 {
            body(series[Int(position)])
            position = series[Int(position)].next
        }
    }

    /// Adds the value of a step to a series, which is new if there is none.
    mutating func append(
        _ value: UInt64, _ metric: Int, _ entity: EntityRegistry.Number, _ labels: ArraySlice<String>, bucket: Int32,
        at step: Int, _ cursor: inout Cursor
    ) {
        if cursor.entity != entity { cursor = Cursor(entity: entity, next: first(metric, entity)) }
        // One may have gone.
        for _ in 0..<2 where cursor.next >= 0 {
            let position = Int(cursor.next)
            if series[position].isOf(labels, bucket) {
                cursor.next = series[position].next
                add(value, at: step, to: position)
                return
            }
            let next = series[position].next
            guard next >= 0, series[Int(next)].isOf(labels, bucket) else { break }
            cursor.next = next
        }
        let hash = Self.hash(metric, entity, labels, bucket)
        if let position = find(metric, entity, labels, bucket, hash) {
            add(value, at: step, to: position)
            return
        }
        let known = labelSets.insert(Array(labels)).memberAfterInsert
        insert(
            Series(
                metric: metric, entity: entity, labels: known, bucket: bucket,
                points: SeriesPoints(first: step, value: value)), hash)
    }

    /// Puts others in the place of all series, each with the points or the entity that it has by then.
    ///
    /// - Parameter change: nil for what is no longer kept.
    mutating func rebuild(_ change: (Series) -> (points: SeriesPoints, entity: EntityRegistry.Number)?) {
        let old = series
        self = SeriesStore()
        for one in old {
            guard let (points, entity) = change(one) else { continue }
            var copy = one
            (copy.points, copy.entityNumber, copy.next) = (points, Int32(entity), -1)
            labelSets.insert(copy.labels)
            insert(copy, Self.hash(one.metric, entity, one.labels[...], one.bucket))
        }
    }

    /// What is known of later steps already stays.
    private mutating func add(_ value: UInt64, at step: Int, to position: Int) {
        if step + 1 >= series[position].points.end { series[position].points.append(value, at: step) }
    }

    private func first(_ metric: Int, _ entity: EntityRegistry.Number) -> Int32 {
        metric < chains.count && entity < chains[metric].count ? chains[metric][entity].first : -1
    }

    private func find(
        _ metric: Int, _ entity: EntityRegistry.Number, _ labels: ArraySlice<String>, _ bucket: Int32, _ hash: Int
    ) -> Int? {
        guard let position = positions[hash].map({ Int($0) }) else { return nil }
        let one = series[position]
        if one.metric == metric, one.entity == entity, one.isOf(labels, bucket) { return position }
        var next = first(metric, entity)
        while next >= 0, !series[Int(next)].isOf(labels, bucket) { next = series[Int(next)].next }
        return next >= 0 ? Int(next) : nil
    }

    private mutating func insert(_ one: Series, _ hash: Int) {
        let position = Int32(series.count)
        // By less than by twice as much, as arrays grow by themselves.
        if series.count == series.capacity { series.reserveCapacity(series.count + series.count / 4 + 16) }
        series.append(one)
        if positions[hash] == nil { positions[hash] = position }
        while chains.count <= one.metric { chains.append([]) }
        let missing = one.entity + 1 - chains[one.metric].count
        if missing > 0 { chains[one.metric] += Array(repeating: Chain(), count: missing) }
        let last = chains[one.metric][one.entity].last
        chains[one.metric][one.entity].last = position
        if last >= 0 { series[Int(last)].next = position } else { chains[one.metric][one.entity].first = position }
    }

    private static func hash(
        _ metric: Int, _ entity: EntityRegistry.Number, _ labels: ArraySlice<String>, _ bucket: Int32
    ) -> Int {
        var hasher = Hasher()
        hasher.combine(metric)
        hasher.combine(entity)
        hasher.combine(bucket)
        for label in labels { hasher.combine(label) }
        return hasher.finalize()
    }
}
