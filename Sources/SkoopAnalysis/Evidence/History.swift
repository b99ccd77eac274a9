// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// The series of the metrics that rules ask for, over a bounded time.
///
/// Snapshots come in the order of time, at whatever distance; each is a step. Of several nodes, those with the same time
/// stamp share a step. Steps that are too old go away some at a time.
struct History: Sendable {
    /// A series: one row of a family, or one bucket of one.
    struct Series: Sendable {
        /// Position of the metric in ``metrics``.
        var metric: Int
        var entity: EntityRegistry.Number
        /// The values of the extra labels.
        var labels: [String]
        /// Of a histogram: the bucket; nil for the sum.
        var bucket: Bucket?
        var points: SeriesPoints

        /// Adds the value of a step; what is known of later ones already stays.
        mutating func append(_ value: UInt64, at step: Int) {
            if step + 1 >= points.end { points.append(value, at: step) }
        }
    }

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

    private struct Key: Hashable {
        var metric: Int
        var entity: EntityRegistry.Number
        var labels: [String]
        var bucket: Bucket?
    }

    /// How long it is kept, in nanoseconds.
    let span: UInt64
    /// Which metrics are kept; nil for all.
    let kept: Set<Metric>?
    /// The times of the steps that are kept.
    private(set) var times: [UInt64] = []
    /// The number of the first step that is kept.
    private(set) var firstStep = 0
    /// The metrics that were seen, and for each of them by node the first step at which it was.
    private(set) var metrics: [Metric] = []
    private(set) var firstSeen: [[String: Int]] = []
    /// By node: the steps at which it had a snapshot, as ascending runs.
    private(set) var presence: [String: [Range<Int>]] = [:]
    private(set) var series: [Series] = []
    private var metricNumbers: [Metric: Int] = [:]
    /// By metric and entity: the positions of the series.
    private var positions: [[EntityRegistry.Number: [Int]]] = []
    private var positionsByKey: [Key: Int] = [:]

    init(span: UInt64, keeping kept: Set<Metric>?) {
        self.span = span
        self.kept = kept
    }

    /// The number of the step after the last.
    var endStep: Int { firstStep + times.count }

    /// The number of a metric that was seen.
    func number(of metric: Metric) -> Int? { metricNumbers[metric] }

    /// The entities that have series of a metric.
    func entities(with metric: Metric) -> some Collection<EntityRegistry.Number> {
        (metricNumbers[metric].map { positions[$0] } ?? [:]).keys
    }

    /// The series of a metric and an entity.
    func series(of metric: Int, entity: EntityRegistry.Number) -> [Int] { positions[metric][entity] ?? [] }

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
            for row in 0..<family.count {
                let entity = numbers[Int(family.entities[row])]
                let labels = Array(family.labels(of: row))
                append(family.values[row], metric, entity, labels, bucket: nil, step)
                guard let bounds = family.metric.buckets?.bounds else { continue }
                for (number, count) in family.bucketCounts(of: row).enumerated() where count > 0 {
                    append(count, metric, entity, labels, bucket: Bucket(number, of: bounds), step)
                }
            }
        }
    }

    private mutating func metricNumber(of metric: Metric) -> Int {
        if let known = metricNumbers[metric] { return known }
        let number = metrics.count
        metricNumbers[metric] = number
        metrics.append(metric)
        firstSeen.append([:])
        positions.append([:])
        return number
    }

    private mutating func append(
        _ value: UInt64, _ metric: Int, _ entity: EntityRegistry.Number, _ labels: [String], bucket: Bucket?,
        _ step: Int
    ) {
        if labels.isEmpty, bucket == nil {
            // The usual case, without making a key.
            if let position = positions[metric][entity]?.first {
                series[position].append(value, at: step)
                return
            }
        } else if let position = positionsByKey[Key(metric: metric, entity: entity, labels: labels, bucket: bucket)] {
            series[position].append(value, at: step)
            return
        }
        let position = series.count
        series.append(
            Series(
                metric: metric, entity: entity, labels: labels, bucket: bucket,
                points: SeriesPoints(first: step, value: value)))
        index(position)
    }

    private mutating func index(_ position: Int) {
        let one = series[position]
        positions[one.metric][one.entity, default: []].append(position)
        guard !one.labels.isEmpty || one.bucket != nil else { return }
        positionsByKey[Key(metric: one.metric, entity: one.entity, labels: one.labels, bucket: one.bucket)] = position
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
        var left: [Series] = []
        for var one in series {
            guard let points = one.points.dropping(before: firstStep) else { continue }
            one.points = points
            left.append(one)
        }
        series = left
        indexAll()
    }

    /// Takes the new numbers of entities, of which none that has series is gone.
    mutating func renumber(_ numbers: [EntityRegistry.Number?]) {
        for position in series.indices {
            series[position].entity = numbers[series[position].entity] ?? series[position].entity
        }
        indexAll()
    }

    private mutating func indexAll() {
        positions = Array(repeating: [:], count: metrics.count)
        positionsByKey = [:]
        for position in series.indices { index(position) }
    }
}
