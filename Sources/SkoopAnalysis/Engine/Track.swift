// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// What a measure of one entity did at each step of a grid.
struct Track: Sendable {
    /// What the series are.
    enum Form: Sendable {
        /// There are none.
        case none
        /// Increases, as sums of all steps before each.
        case sums([Double])
        /// Levels; not a number where there was none.
        case levels([Double])
    }

    var form = Form.none
    /// Of a histogram: the sums of each bucket that has observations, with its bounds.
    var buckets: [(lower: Double, upper: Double, sums: [Double])] = []

    /// How much the measure grew in some steps.
    func increase(_ window: Range<Int>) -> Double {
        guard case .sums(let sums) = form else { return 0 }
        return sums[window.upperBound] - sums[window.lowerBound]
    }

    /// The levels in some steps, without those where there was none.
    func levels(_ window: Range<Int>) -> [Double] {
        guard case .levels(let levels) = form else { return [] }
        return levels[window].filter { !$0.isNaN }
    }

    /// How many observations lie in buckets that begin at or above a bound.
    func increase(_ window: Range<Int>, above bound: Double) -> Double {
        buckets.reduce(0) { sum, bucket in
            bucket.lower >= bound ? sum + bucket.sums[window.upperBound] - bucket.sums[window.lowerBound] : sum
        }
    }

    /// The upper bound of the bucket in which a quantile lies; nil without observations.
    func quantile(_ quantile: Double, _ window: Range<Int>) -> Double? {
        let counts = buckets.map { ($0.upper, $0.sums[window.upperBound] - $0.sums[window.lowerBound]) }
        let all = counts.reduce(0) { $0 + $1.1 }
        guard all > 0 else { return nil }
        var sum = 0.0
        for (upper, count) in counts.sorted(by: { $0.0 < $1.0 }) {
            sum += count
            if sum >= all * quantile { return upper }
        }
        return nil
    }

    /// The rates or levels of the steps before a window, one by one.
    func before(_ window: Range<Int>, _ grid: Grid) -> [Double] {
        switch form {
        case .none: []
        case .levels(let levels): levels[0..<window.lowerBound].filter { !$0.isNaN }
        case .sums(let sums):
            (1..<max(1, window.lowerBound)).map { (sums[$0 + 1] - sums[$0]) / grid.seconds(of: $0..<$0 + 1) }
        }
    }
}

extension Track {
    /// Adds up the series of a measure and an entity.
    init(_ measure: Measure, _ entity: EntityRegistry.Number, _ evidence: Evidence, _ grid: Grid) {
        let history = evidence.history
        for metric in measure.metrics {
            guard let number = history.number(of: metric) else { continue }
            let divisor = metric.divisor
            var sums: [Double] = []
            var levels: [Double] = []
            for position in history.series(of: number, entity: entity) {
                let series = history.series[position]
                guard measure.allows(series.labels, of: metric) else { continue }
                switch metric.kind {
                case .gauge:
                    if levels.isEmpty { levels = Array(repeating: .nan, count: grid.times.count) }
                    Self.add(series.points, history, divisor, to: &levels)
                case .counter:
                    if sums.isEmpty { sums = Array(repeating: 0, count: grid.times.count + 1) }
                    Self.add(series, evidence, divisor, to: &sums)
                case .histogram where series.bucket < 0:
                    continue
                case .histogram:
                    if sums.isEmpty { sums = Array(repeating: 0, count: grid.times.count + 1) }
                    add(series, metric, evidence, grid, to: &sums)
                }
            }
            if !levels.isEmpty { merge(levels: levels) }
            if !sums.isEmpty {
                for step in 1..<sums.count { sums[step] += sums[step - 1] }
                merge(sums: sums)
            }
        }
        for position in buckets.indices {
            for step in 1..<buckets[position].sums.count {
                buckets[position].sums[step] += buckets[position].sums[step - 1]
            }
        }
    }

    private mutating func merge(sums: [Double]) {
        guard case .sums(let known) = form else { return form = .sums(sums) }
        form = .sums(zip(known, sums).map { $0 + $1 })
    }

    private mutating func merge(levels: [Double]) {
        guard case .levels(let known) = form else { return form = .levels(levels) }
        form = .levels(zip(known, levels).map { $0.isNaN ? $1 : $1.isNaN ? $0 : $0 + $1 })
    }

    /// Adds the observations of a bucket, both to all of them and to the bucket.
    private mutating func add(
        _ series: History.Series, _ metric: Metric, _ evidence: Evidence, _ grid: Grid, to sums: inout [Double]
    ) {
        let bounds = metric.buckets?.bounds ?? []
        let lower = series.bucket == 0 ? 0 : Double(bounds[series.bucket - 1]) / metric.divisor
        let upper = series.bucket < bounds.count ? Double(bounds[series.bucket]) / metric.divisor : .infinity
        let position = buckets.firstIndex { $0.lower == lower && $0.upper == upper } ?? buckets.count
        if position == buckets.count {
            buckets.append((lower, upper, Array(repeating: 0, count: grid.times.count + 1)))
        }
        Self.add(series, evidence, 1, to: &sums)
        Self.add(series, evidence, 1, to: &buckets[position].sums)
    }

    /// Adds what a counter grew at each step, at the position after the step. A counter that falls began anew, from zero.
    private static func add(_ series: History.Series, _ evidence: Evidence, _ divisor: Double, to steps: inout [Double])
    {
        let first = evidence.history.firstStep
        var previous = evidence.beginsAtZero(series) ? 0 : nil as UInt64?
        series.points.forEachChange { step, value in
            if let previous {
                steps[step - first + 1] += Double(value >= previous ? value - previous : value) / divisor
            }
            previous = value
        }
    }

    /// Adds the levels of a gauge, the last one also to what follows the last snapshot.
    private static func add(_ points: SeriesPoints, _ history: History, _ divisor: Double, to levels: inout [Double]) {
        var changes: [(step: Int, value: Double)] = []
        points.forEachChange { changes.append(($0 - history.firstStep, Double($1) / divisor)) }
        let end = points.end == history.endStep ? levels.count : points.end - history.firstStep
        for (position, change) in changes.enumerated() {
            let next = position + 1 < changes.count ? changes[position + 1].step : end
            for step in change.step..<max(change.step, next) {
                levels[step] = levels[step].isNaN ? change.value : levels[step] + change.value
            }
        }
    }
}

extension Metric {
    /// What a stored integer is to be divided by.
    var divisor: Double { (0..<decimals).reduce(1) { divisor, _ in divisor * 10 } }
}

extension Evidence {
    /// Whether a counter that was not there before has counted from zero since the step before, rather than for long:
    /// others of its metric were there, or its probe was and had nothing to show.
    fileprivate func beginsAtZero(_ series: History.Series) -> Bool {
        let first = series.points.first
        guard first > history.firstStep else { return false }
        return history.firstSeen[series.metric] < first
            || ran(history.metrics[series.metric].probe, at: first - 1)
    }

    private func ran(_ probe: String, at step: Int) -> Bool {
        guard let number = history.number(of: SelfMetric.probeSuccess.metric) else { return false }
        return history.series.contains { series in
            guard series.metric == number, series.labels.first == probe else { return false }
            return series.points.first <= step && step < series.points.end && series.points.lastValue > 0
        }
    }
}
