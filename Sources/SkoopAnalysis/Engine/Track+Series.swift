// SPDX-License-Identifier: Apache-2.0
import SkoopModel

extension Track {
    /// Adds up the series of a measure and an entity; counters that did not grow from a step on may be left out.
    init(
        _ measure: Measure, _ entity: EntityRegistry.Number, _ evidence: Evidence, _ grid: Grid, _ runs: ProbeRuns,
        from needed: Int
    ) {
        var builder = TrackBuilder(
            evidence.history, runs, of: evidence.entities[entity].node, count: grid.times.count, from: needed)
        for metric in measure.metrics {
            guard let number = evidence.history.number(of: metric) else { continue }
            evidence.history.forEachSeries(of: number, entity: entity) { series in
                guard measure.filters.isEmpty || measure.allows(series.labels, of: metric) else { return }
                switch metric.kind {
                case .gauge: builder.add(level: series.points, metric.divisor)
                case .counter: builder.add(counter: series, metric.divisor)
                case .histogram: builder.add(bucket: series, of: metric)
                }
            }
        }
        self = builder.track
    }
}

/// Adds series up, and makes no arrays for those that never change.
private struct TrackBuilder {
    private let history: History
    private let runs: ProbeRuns
    private let node: String
    private let count: Int
    private let needed: Int
    private var increases: [Double] = []
    private var levels: [Double] = []
    private var constant: Double?
    private var buckets: [History.Bucket: Track.Bucket] = [:]

    init(_ history: History, _ runs: ProbeRuns, of node: String, count: Int, from needed: Int) {
        self.needed = needed
        self.node = node
        self.history = history
        self.runs = runs
        self.count = count
    }

    var track: Track {
        var track = Track()
        if !increases.isEmpty {
            track.form = .sums(Self.summed(increases))
        } else if let constant {
            track.form =
                levels.isEmpty ? .level(constant) : .levels(levels.map { $0.isNaN ? constant : $0 + constant })
        } else if !levels.isEmpty {
            track.form = .levels(levels)
        }
        track.buckets = buckets.values.sorted { ($0.lower, $0.upper) < ($1.lower, $1.upper) }
        for position in track.buckets.indices {
            track.buckets[position].sums = Self.summed(track.buckets[position].sums)
        }
        return track
    }

    private static func summed(_ increases: [Double]) -> [Double] {
        var sum = 0.0
        return increases.map { increase in
            sum += increase
            return sum
        }
    }

    /// Adds what a counter grew at each step, at the position after the step.
    mutating func add(counter series: History.Series, _ divisor: Double) {
        guard series.points.lastChange - history.firstStep >= needed else { return }
        let begins = beginsAtZero(series)
        guard begins || !series.points.isConstant else { return }
        if increases.isEmpty { increases = Array(repeating: 0, count: count + 1) }
        add(series.points, beginningAtZero: begins, divisor, to: &increases)
    }

    /// Adds the observations of a bucket, both to all of them and to the bucket.
    mutating func add(bucket series: History.Series, of metric: Metric) {
        guard let place = history.bucket(of: series) else { return }
        guard series.points.lastChange - history.firstStep >= needed else { return }
        let begins = beginsAtZero(series)
        guard begins || !series.points.isConstant else { return }
        if increases.isEmpty { increases = Array(repeating: 0, count: count + 1) }
        add(series.points, beginningAtZero: begins, 1, to: &increases)
        var bucket =
            buckets.removeValue(forKey: place)
            ?? Track.Bucket(
                lower: Double(place.lower) / metric.divisor,
                upper: place.upper.map { Double($0) / metric.divisor } ?? .infinity,
                sums: Array(repeating: 0, count: count + 1))
        add(series.points, beginningAtZero: begins, 1, to: &bucket.sums)
        buckets[place] = bucket
    }

    /// Adds the levels of a gauge, the last one also to what follows the last snapshot.
    mutating func add(level points: SeriesPoints, _ divisor: Double) {
        if points.isConstant, points.first == history.firstStep, points.end == history.endStep {
            constant = (constant ?? 0) + Double(points.lastValue) / divisor
            return
        }
        if levels.isEmpty { levels = Array(repeating: .nan, count: count) }
        let first = history.firstStep
        let end = points.end == history.endStep ? count : points.end - first
        var position = 0
        var value = Double.nan
        func fill(_ levels: inout [Double], until next: Int) {
            while position < next {
                if !value.isNaN { levels[position] = levels[position].isNaN ? value : levels[position] + value }
                position += 1
            }
        }
        points.forEachChange { step, next in
            fill(&levels, until: step - first)
            value = Double(next) / divisor
        }
        fill(&levels, until: end)
    }

    /// A counter that falls began anew, from zero.
    private func add(
        _ points: SeriesPoints, beginningAtZero begins: Bool, _ divisor: Double, to steps: inout [Double]
    ) {
        let first = history.firstStep
        var previous = begins ? 0 : nil as UInt64?
        points.forEachChange { step, value in
            if let previous {
                steps[step - first + 1] += Double(value >= previous ? value - previous : value) / divisor
            }
            previous = value
        }
    }

    /// Whether a counter that was not there before has counted from zero since the step before, rather than for long:
    /// others of its metric and node were there, or its probe was and had nothing to show.
    private func beginsAtZero(_ series: History.Series) -> Bool {
        let first = series.points.first
        guard first > history.firstKept(of: series.metric) else { return false }
        return history.firstSeen[series.metric][node].map { $0 < first } ?? false
            || runs.contain(history.metrics[series.metric].probe, of: node, first - 1)
    }
}

extension Metric {
    /// What a stored integer is to be divided by.
    var divisor: Double { (0..<decimals).reduce(1) { divisor, _ in divisor * 10 } }
}
