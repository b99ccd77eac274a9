// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// How what was observed went over time, to be drawn.
public struct Curve: Sendable, Hashable {
    /// A value at the end of an interval between two snapshots.
    public struct Point: Sendable, Hashable {
        /// The end of the interval, in nanoseconds since 1970.
        public var time: UInt64
        /// The value; nil where there was none.
        public var value: Double?
    }

    /// What is drawn: the observation's own quantity, or what it is compared with before.
    public var quantity: Quantity
    /// The points by time; the value of each holds since the one before it.
    public var points: [Point]
    /// The observation's threshold, where it applies to single values rather than to sums over a window.
    public var threshold: Double?
}

extension Evidence {
    /// How the values behind observations went.
    ///
    /// - Parameters:
    ///   - observations: what was observed.
    ///   - range: from when to when, in nanoseconds since 1970.
    /// - Returns: a curve for each observation; without points where the evidence is of somebody else.
    public func curves(of observations: [Observation], range: ClosedRange<UInt64>) -> [Curve] {
        var evaluation = Evaluation(self, range: range)
        let drawn = observations.map { Curve.drawn($0.test.quantity) }
        for quantity in drawn { _ = evaluation.add(quantity >= 0) }
        return observations.indices.map { position in
            let observation = observations[position]
            var curve = Curve(quantity: drawn[position], points: [], threshold: Curve.threshold(observation.test))
            guard let entity = entities.firstIndex(of: observation.subject) else { return curve }
            let reading = evaluation.plan.checks[position].reading
            curve.points = evaluation.grid.steps.map { step in
                Curve.Point(
                    time: evaluation.grid.times[step], value: evaluation.value(reading, entity, step..<step + 1))
            }
            return curve
        }
    }
}

extension Curve {
    /// A comparison is drawn as what is compared.
    fileprivate static func drawn(_ quantity: Quantity) -> Quantity {
        guard case .change(let measure, _) = quantity else { return quantity }
        return measure.metrics.first?.kind == .gauge ? .level(measure, .mean) : .rate(measure)
    }

    fileprivate static func threshold(_ test: Test) -> Double? {
        switch test.quantity {
        case .increase, .above, .events, .change: nil
        case .rate, .level, .ratio, .fill, .quantile, .shareAbove, .lasting: test.bound
        }
    }

    /// Whether the values add up over time, as counts do and levels do not.
    public var isSum: Bool {
        switch quantity {
        case .increase, .above, .events: true
        case .rate, .level, .ratio, .fill, .change, .quantile, .shareAbove, .lasting: false
        }
    }
}
