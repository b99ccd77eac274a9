// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// What a condition measures: the sum of the series of one or several metrics, of which labels can choose some.
///
/// Made from the catalogue's own keys, so that a metric that does not exist does not compile:
/// `Measure(UDPMetric.noports, UDP6Metric.noPorts)`.
public struct Measure: Sendable, Hashable {
    /// Which values a label may have.
    public struct LabelFilter: Sendable, Hashable {
        /// The label's name.
        public var name: String
        /// The values.
        public var values: [String]
        /// Whether it is all others that are meant.
        public var excludes: Bool

        /// Makes a filter; rules made in code use ``Measure/where(_:_:)`` and ``Measure/except(_:_:)``, which check the name.
        public init(name: String, values: [String], excludes: Bool) {
            self.name = name
            self.values = values
            self.excludes = excludes
        }

        func allows(_ value: Substring) -> Bool { values.contains { $0 == value } != excludes }
    }

    /// The metrics; of those that are missing the others stand alone.
    public var metrics: [Metric]
    /// All have to allow a series.
    public var filters: [LabelFilter] = []

    /// The series of the catalogue's metric.
    public init(_ metric: some MetricSet) { metrics = [metric.metric] }

    /// The sum of two, for example of IPv4 and IPv6.
    public init(_ metric: some MetricSet, _ other: some MetricSet) { metrics = [metric.metric, other.metric] }

    /// The sum of some metrics.
    public init(metrics: [Metric]) { self.metrics = metrics }

    /// Only series whose label has one of these values.
    ///
    /// - Precondition: each metric has the label; a rule that would never find anything is a mistake.
    public func `where`(_ label: String, _ values: String...) -> Measure { filtered(label, values, excludes: false) }

    func `where`(_ label: String, _ values: [String]) -> Measure { filtered(label, values, excludes: false) }

    /// Only series whose label has none of these values.
    ///
    /// - Precondition: each metric has the label.
    public func except(_ label: String, _ values: String...) -> Measure { filtered(label, values, excludes: true) }

    private func filtered(_ label: String, _ values: [String], excludes: Bool) -> Measure {
        for metric in metrics {
            precondition(metric.labels.extra.contains(label), "\(metric.name) has no label \(label)")
        }
        var copy = self
        copy.filters.append(LabelFilter(name: label, values: values, excludes: excludes))
        return copy
    }

    /// Whether a series with these values of the extra labels is meant.
    func allows(_ labels: [String], of metric: Metric) -> Bool {
        let names = metric.labels.extra
        return filters.allSatisfy { filter in
            guard let position = names.firstIndex(of: filter.name), position < labels.count else { return false }
            return filter.allows(labels[position][...])
        }
    }

    /// The metric's name, with the chosen labels as PromQL writes them.
    public var name: String {
        let names = metrics.map(\.name).joined(separator: " + ")
        guard !filters.isEmpty else { return names }
        let chosen = filters.map { filter in
            "\(filter.name)\(filter.values.count > 1 ? filter.excludes ? "!~" : "=~" : filter.excludes ? "!=" : "=")"
                + "\"\(filter.values.joined(separator: "|"))\""
        }
        return "\(names){\(chosen.joined(separator: ","))}"
    }
}
