// SPDX-License-Identifier: Apache-2.0
import SkoopModel

extension Observation {
    /// What was seen and what the threshold is, in words: `increase of kubeskoop_tcpext_listenoverflows: 5 (at least 1)`.
    public var text: String {
        "\(test.quantity.words): \(valueText) (\(test.comparison.words) \(boundText))"
    }

    /// The value with its unit; `nothing` where there was none.
    public var valueText: String { value.map { test.quantity.text(of: $0) } ?? "nothing" }

    /// The threshold with its unit.
    public var boundText: String { test.quantity.text(of: test.bound) }
}

extension Missing {
    /// What could not be seen and why, in words.
    public var text: String {
        switch state {
        case .running: "\(what) of probe \(probe)"
        case .off: "\(what): probe \(probe) is not switched on"
        case .failed(let reason): "\(what): probe \(probe) does not run: \(reason)"
        case .unknown: "\(what) of probe \(probe) is not in the evidence"
        }
    }
}

extension Test.Comparison {
    /// The comparison in words.
    public var words: String {
        switch self {
        case .atLeast: "at least"
        case .atMost: "at most"
        case .above: "above"
        case .below: "below"
        }
    }
}

extension Quantity {
    /// What is computed of what, in words.
    public var words: String {
        switch self {
        case .increase(let measure):
            measure.metrics.first?.kind == .histogram
                ? "observations of \(measure.name)" : "increase of \(measure.name)"
        case .rate(let measure): "\(measure.name) per second"
        case .level(let measure, let aggregation):
            switch aggregation {
            case .maximum: "largest \(measure.name)"
            case .minimum: "smallest \(measure.name)"
            case .mean: "mean \(measure.name)"
            case .last: measure.name
            }
        case .ratio(let measure, let other), .fill(let measure, let other): "\(measure.name) / \(other.name)"
        case .change(let measure, _): "\(measure.name) compared with before"
        case .quantile(let measure, let quantile): "\(Self.number(quantile * 100)) % of \(measure.name) are within"
        case .above(let measure, let bound): "\(measure.name) from \(seconds(bound, measure)) on"
        case .shareAbove(let measure, let bound): "share of \(measure.name) from \(seconds(bound, measure)) on"
        case .events(let query): "events \(query.name)"
        case .lasting(let query): "time from the first to the last of the events \(query.name)"
        }
    }

    /// A value of the quantity with its unit.
    public func text(of value: Double) -> String {
        switch self {
        case .increase(let measure), .level(let measure, _): Self.text(value, unit(of: measure))
        case .rate(let measure): Self.text(value, unit(of: measure)) + "/s"
        case .quantile(let measure, _): Self.text(value, measure.metrics.first?.unit ?? .none)
        case .ratio, .fill, .shareAbove: Self.text(value, .ratio)
        case .change: "\(Self.number(value)) times"
        case .above, .events: Self.number(value)
        case .lasting: Self.seconds(value)
        }
    }

    private func seconds(_ bound: Double, _ measure: Measure) -> String {
        Self.text(bound, measure.metrics.first?.unit ?? .none)
    }

    /// Observations of a histogram are counted, whatever their unit is.
    private func unit(of measure: Measure) -> Metric.Unit {
        guard let metric = measure.metrics.first, metric.kind != .histogram else { return .none }
        return metric.unit
    }

    private static func text(_ value: Double, _ unit: Metric.Unit) -> String {
        switch unit {
        case .none: number(value)
        case .pages: "\(number(value)) pages"
        case .ratio: "\(number(value * 100)) %"
        case .bytes: scaled(value, 1024, ["bytes", "KiB", "MiB", "GiB", "TiB"])
        case .milliseconds: seconds(value / 1000)
        case .seconds: seconds(value)
        }
    }

    private static func seconds(_ value: Double) -> String {
        value >= 1 || value == 0 ? "\(number(value)) s" : scaled(value * 1e9, 1000, ["ns", "us", "ms"])
    }

    private static func scaled(_ value: Double, _ step: Double, _ units: [String]) -> String {
        var (rest, unit) = (value, 0)
        while rest >= step, unit + 1 < units.count { (rest, unit) = (rest / step, unit + 1) }
        return "\(number(rest)) \(units[unit])"
    }

    /// Three digits, or all of those before the point.
    private static func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        guard value != value.rounded() else { return "\(Int64(value))" }
        guard abs(value) < 100 else { return "\(Int64(value.rounded()))" }
        let digits = abs(value) >= 10 ? 10.0 : abs(value) >= 1 ? 100 : abs(value) >= 0.1 ? 1000 : 10_000
        let rounded = (value * digits).rounded() / digits
        return rounded == rounded.rounded() ? "\(Int64(rounded))" : "\(rounded)"
    }
}
