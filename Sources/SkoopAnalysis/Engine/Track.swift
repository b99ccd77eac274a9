// SPDX-License-Identifier: Apache-2.0

/// What a measure of one entity did at each step of a grid.
struct Track: Sendable {
    /// What the series are.
    enum Form: Sendable {
        /// There are none, or counters that never grew.
        case none
        /// Increases, as sums of all steps before each.
        case sums([Double])
        /// Levels; not a number where there was none.
        case levels([Double])
        /// A level that was the same at each step.
        case level(Double)
    }

    /// The observations in one bucket of a histogram.
    struct Bucket: Sendable {
        /// The bounds, in the unit of the metric.
        var lower: Double
        var upper: Double
        /// The sums of all steps before each.
        var sums: [Double]

        func increase(_ window: Range<Int>) -> Double { sums[window.upperBound] - sums[window.lowerBound] }
    }

    var form = Form.none
    /// The steps at which the entity was there.
    var life = 0..<0
    /// Of a histogram: the buckets that have observations, in ascending order.
    var buckets: [Bucket] = []

    /// How much the measure grew in some steps.
    func increase(_ window: Range<Int>) -> Double {
        guard case .sums(let sums) = form else { return 0 }
        return sums[window.upperBound] - sums[window.lowerBound]
    }

    /// The level in some steps; nil where there was none.
    func level(_ window: Range<Int>, _ aggregation: Quantity.Aggregation) -> Double? {
        switch form {
        case .none, .sums: return nil
        case .level(let level): return level
        case .levels(let levels):
            switch aggregation {
            case .last: return levels[window].last { !$0.isNaN }
            case .maximum: return extent(window)?.upperBound
            case .minimum: return extent(window)?.lowerBound
            case .mean:
                let there = levels[window].filter { !$0.isNaN }
                return there.isEmpty ? nil : there.reduce(0, +) / Double(there.count)
            }
        }
    }

    /// The smallest and the largest level in some steps.
    func extent(_ window: Range<Int>) -> ClosedRange<Double>? {
        switch form {
        case .none, .sums: return nil
        case .level(let level): return level...level
        case .levels(let levels):
            var extent: ClosedRange<Double>?
            for level in levels[window] where !level.isNaN {
                extent = min(level, extent?.lowerBound ?? level)...max(level, extent?.upperBound ?? level)
            }
            return extent
        }
    }

    /// The largest quotient of this level and another at one step; nil where they are never there together.
    func fill(_ window: Range<Int>, of whole: Track) -> Double? {
        window.compactMap { step in
            guard let part = level(step..<step + 1, .last), let whole = whole.level(step..<step + 1, .last) else {
                return nil
            }
            return whole > 0 ? part / whole : 0
        }.max()
    }

    /// How many observations lie in buckets that begin at or above a bound.
    func increase(_ window: Range<Int>, above bound: Double) -> Double {
        buckets.reduce(0) { $1.lower >= bound ? $0 + $1.increase(window) : $0 }
    }

    /// The upper bound of the bucket in which a quantile lies; nil without observations.
    func quantile(_ quantile: Double, _ window: Range<Int>) -> Double? {
        let all = buckets.reduce(0) { $0 + $1.increase(window) }
        guard all > 0 else { return nil }
        var sum = 0.0
        for bucket in buckets {
            sum += bucket.increase(window)
            if sum >= all * quantile { return bucket.upper }
        }
        return nil
    }
}
