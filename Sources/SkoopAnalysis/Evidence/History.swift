// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// The series of the metrics that rules ask for, over a bounded time.
///
/// Snapshots come in the order of time, at whatever distance; each is a step. Of several nodes, those with the same time
/// stamp share a step. Steps that are too old go away some at a time.
struct History: Sendable {
    typealias Series = SeriesStore.Series

    /// A bucket by its bounds in the unit of the metric's stored integers, since pages may have every nth bound only.
    struct Bucket: Hashable {
        var lower: UInt64
        /// Nil where there is none.
        var upper: UInt64?

        init(_ number: Int, of bounds: [UInt64]) {
            lower = number == 0 ? 0 : bounds[number - 1]
            upper = number < bounds.count ? bounds[number] : nil
        }
    }

    /// How long it is kept, in nanoseconds.
    private(set) var span: UInt64
    /// Which metrics are kept; nil for all.
    private(set) var kept: Set<Metric>?
    /// The first step from which on those are kept that were not from the beginning.
    private var laterKept: [Metric: Int] = [:]
    /// The times of the steps that are kept.
    private(set) var times: [UInt64] = []
    /// The number of the first step that is kept.
    private(set) var firstStep = 0
    /// The metrics that were seen, and for each of them by node the first step at which it was.
    private(set) var metrics: [Metric] = []
    private(set) var firstSeen: [[String: Int]] = []
    /// By node: the steps at which it had a snapshot, as ascending runs.
    private(set) var presence: [String: [Range<Int>]] = [:]
    /// The buckets that series are of, by their numbers.
    private(set) var buckets: [Bucket] = []
    private var metricNumbers: [Metric: Int] = [:]
    private var bucketNumbers: [Bucket: Int32] = [:]
    private var store = SeriesStore()

    init(span: UInt64, keeping kept: Set<Metric>?) {
        self.span = span
        self.kept = kept
    }

    /// All series.
    var series: [Series] { store.series }

    /// Roughly how many bytes the series take.
    var byteCount: Int { store.byteCount }

    /// The bucket of a series; nil of what is none.
    func bucket(of series: Series) -> Bucket? { series.bucket < 0 ? nil : buckets[Int(series.bucket)] }

    /// The number of the step after the last.
    var endStep: Int { firstStep + times.count }

    /// The first step at which a metric could have been seen, as far as it depends on what is kept.
    func firstKept(of metric: Int) -> Int { max(firstStep, laterKept[metrics[metric]] ?? firstStep) }

    /// Changes what is kept from now on, and forgets the series that are not wanted any more.
    mutating func keep(_ metrics: Set<Metric>?, span: UInt64) {
        self.span = span
        guard metrics != kept else { return }
        for metric in metrics ?? [] where kept?.contains(metric) == false { laterKept[metric] = endStep }
        kept = metrics
        guard let metrics else { return }
        let isWanted = self.metrics.map(metrics.contains)
        for (number, metric) in self.metrics.enumerated() where !isWanted[number] {
            firstSeen[number] = [:]
            laterKept[metric] = nil
        }
        store.rebuild { one in isWanted[one.metric] ? (one.points, one.entity) : nil }
    }

    /// The number of a metric that was seen.
    func number(of metric: Metric) -> Int? { metricNumbers[metric] }

    /// Calls `body` with the series of a metric and an entity.
    func forEachSeries(of metric: Int, entity: EntityRegistry.Number, _ body: (Series) -> Void) {
        store.forEach(of: metric, entity, body)
    }

    /// Whether a node had a snapshot at a step.
    func has(_ node: String, at step: Int) -> Bool {
        guard let runs = presence[node] else { return false }
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].upperBound <= step { low = middle + 1 } else { high = middle }
        }
        return low < runs.count && runs[low].contains(step)
    }

    /// By entity: from when to when there are series of it, counted from the first step; what is there at the last step is
    /// there until `end`.
    func lives(of count: Int, until end: Int) -> [Range<Int>] {
        var lives = [Range<Int>](repeating: 0..<0, count: count)
        let series = series
        for position in series.indices {
            let entity = series[position].entity
            let from = max(0, series[position].points.first - firstStep)
            let last = series[position].points.end
            let to = last >= endStep ? end : max(from, last - firstStep)
            lives[entity] =
                lives[entity].isEmpty
                ? from..<to : min(from, lives[entity].lowerBound)..<max(to, lives[entity].upperBound)
        }
        return lives
    }

    /// The time of a step.
    func time(of step: Int) -> UInt64 { times[step - firstStep] }

    /// Adds a snapshot; one that is older than the last step is left out.
    ///
    /// - Returns: whether it was added.
    @discardableResult
    mutating func append(_ snapshot: Snapshot, in registry: inout EntityRegistry) -> Bool {
        if let last = times.last, snapshot.timestamp < last { return false }
        if times.last != snapshot.timestamp {
            forget(before: snapshot.timestamp)
            times.append(snapshot.timestamp)
        }
        note(snapshot.entities.node, at: endStep - 1)
        take(snapshot, endStep - 1, &registry)
        return true
    }

    private mutating func note(_ node: String, at step: Int) {
        let last = presence[node]?.last
        if let last, last.upperBound > step { return }
        var first = step
        if let last, last.upperBound == step {
            first = last.lowerBound
            presence[node]?.removeLast()
        }
        presence[node, default: []].append(first..<step + 1)
    }

    /// Gives the steps that are there the values of the latest of some snapshots, and adds those that are later.
    mutating func overlay(_ snapshots: [Snapshot], in registry: inout EntityRegistry) {
        guard var current = snapshots.first else { return }
        let isNew = presence[current.entities.node] == nil
        var rest = snapshots[...]
        for step in firstStep..<endStep {
            while let next = rest.first, next.timestamp <= time(of: step) { current = rest.removeFirst() }
            if isNew { note(current.entities.node, at: step) }
            take(current, step, &registry)
        }
        for snapshot in rest { append(snapshot, in: &registry) }
    }

    private mutating func take(_ snapshot: Snapshot, _ step: Int, _ registry: inout EntityRegistry) {
        let node = snapshot.entities.node
        let numbers = snapshot.entities.entities.map { registry.number(of: $0, on: node) }
        for family in snapshot.families where kept?.contains(family.metric) ?? true {
            let metric = metricNumber(of: family.metric)
            if firstSeen[metric][node] == nil { firstSeen[metric][node] = step }
            let places = family.metric.buckets.map { numbered($0.bounds) } ?? []
            var cursor = SeriesStore.Cursor()
            for row in 0..<family.count {
                let entity = numbers[Int(family.entities[row])]
                let labels = family.labels(of: row)
                store.append(family.values[row], metric, entity, labels, bucket: -1, at: step, &cursor)
                guard !places.isEmpty else { continue }
                for (place, count) in zip(places, family.bucketCounts(of: row)) where count > 0 {
                    store.append(count, metric, entity, labels, bucket: place, at: step, &cursor)
                }
            }
        }
    }

    /// The numbers of the buckets between some bounds.
    private mutating func numbered(_ bounds: [UInt64]) -> [Int32] {
        (0...bounds.count).map { place in
            let bucket = Bucket(place, of: bounds)
            if let known = bucketNumbers[bucket] { return known }
            buckets.append(bucket)
            bucketNumbers[bucket] = Int32(buckets.count - 1)
            return Int32(buckets.count - 1)
        }
    }

    private mutating func metricNumber(of metric: Metric) -> Int {
        if let known = metricNumbers[metric] { return known }
        let number = metrics.count
        metricNumbers[metric] = number
        metrics.append(metric)
        firstSeen.append([:])
        return number
    }

    /// Drops what is older than the span, a quarter of it at a time, because each series must be written anew.
    private mutating func forget(before now: UInt64) {
        guard let oldest = times.first, now - oldest > span, now - oldest - span > span / 4 else { return }
        let limit = now - span
        // The step before the first that is inside is where its increase is counted from.
        let outside = max(0, (times.firstIndex { $0 >= limit } ?? times.count) - 1)
        guard outside > 0 else { return }
        times.removeFirst(outside)
        firstStep += outside
        presence = presence.compactMapValues { runs in
            let left = runs.filter { $0.upperBound > firstStep }
            return left.isEmpty ? nil : left
        }
        let start = firstStep
        store.rebuild { one in one.points.dropping(before: start).map { ($0, one.entity) } }
    }

    /// Takes the new numbers of entities, of which none that has series is gone.
    mutating func renumber(_ numbers: [EntityRegistry.Number?]) {
        store.rebuild { one in (one.points, numbers[one.entity] ?? one.entity) }
    }
}
