// SPDX-License-Identifier: Apache-2.0

/// The metrics of one probe as an enumeration: each case is a metric, its raw value the short name KubeSkoop gives it.
///
/// One file per set in `Catalogue/`, named `…Metric.swift` after its type; the build collects them into
/// ``Catalogue/sets``. The order of the cases is the order of export.
public protocol MetricSet: CaseIterable, RawRepresentable, Hashable, Sendable
where RawValue == String, AllCases == [Self] {
    /// The probe's name, the middle part of KubeSkoop's metric names.
    static var probe: String { get }
    /// Names the probe had before, or has in documents.
    static var probeAliases: [String] { get }
    /// One sentence: what the probe counts.
    static var summary: String { get }
    /// Whether the set adds to another one of the same probe, which then gives the probe's summary.
    static var isExtension: Bool { get }
    /// Everything about the metric but its default name and probe.
    var definition: MetricDefinition { get }
}

extension MetricSet {
    /// Most probes have had one name only.
    public static var probeAliases: [String] { [] }

    /// Most sets stand for their probe.
    public static var isExtension: Bool { false }

    /// The metric, named `kubeskoop_<probe>_<case>` unless its definition names it otherwise.
    ///
    /// Put together at the first use and then kept, since probes ask at every scrape.
    public var metric: Metric {
        MetricStore.shared.metric(of: MetricStore.Key(set: ObjectIdentifier(Self.self), key: rawValue)) {
            definition.metric(probe: Self.probe, key: rawValue)
        }
    }

    /// All metrics of the set in the order of export.
    public static var metrics: [Metric] { allCases.map(\.metric) }
}

/// What a ``MetricSet`` says of one case.
public struct MetricDefinition: Sendable {
    /// The metric, with an empty name where the default name holds.
    var template: Metric
    /// The SNMP counter behind the metric, where it is one.
    public internal(set) var mib: MIBCounter?

    /// A value that only grows while its entity lives.
    ///
    /// - Parameters:
    ///   - help: one sentence for `# HELP`.
    ///   - name: the exported name where it is not KubeSkoop's `kubeskoop_<probe>_<case>`.
    ///   - unit: unit of the exported value.
    ///   - decimals: digits of the stored integer behind the point.
    ///   - labels: labels of the series.
    ///   - source: where the kernel counts it.
    ///   - rise: what a rise suggests.
    ///   - correction: where a document describes it wrongly.
    ///   - aliases: other spellings.
    public static func counter(
        _ help: String, name: String = "", unit: Metric.Unit = .none, decimals: Int = 0,
        labels: Metric.Labels = .entity(), source: String, rise: String, correction: String? = nil,
        aliases: [Metric.Alias] = []
    ) -> MetricDefinition {
        MetricDefinition(
            template: Metric(
                name: name, probe: "", kind: .counter, unit: unit, decimals: decimals, help: help, labels: labels,
                source: source, rise: rise, correction: correction, aliases: aliases))
    }

    /// A level at the moment of the snapshot; parameters as in ``counter(_:name:unit:decimals:labels:source:rise:correction:aliases:)``.
    public static func gauge(
        _ help: String, name: String = "", unit: Metric.Unit = .none, decimals: Int = 0,
        labels: Metric.Labels = .entity(), source: String, rise: String, correction: String? = nil,
        aliases: [Metric.Alias] = []
    ) -> MetricDefinition {
        var definition = counter(
            help, name: name, unit: unit, decimals: decimals, labels: labels, source: source, rise: rise,
            correction: correction, aliases: aliases)
        definition.template.kind = .gauge
        return definition
    }

    /// Latencies in the kernel programs' log2 slots, stored in nanoseconds and exported in seconds; parameters as in
    /// ``counter(_:name:unit:decimals:labels:source:rise:correction:aliases:)``.
    public static func latencies(
        _ help: String, name: String, labels: Metric.Labels = .entity(), source: String, rise: String
    ) -> MetricDefinition {
        var definition = counter(
            help, name: name, unit: .seconds, decimals: 9, labels: labels, source: source, rise: rise)
        definition.template.kind = .histogram
        definition.template.buckets = .log2Microseconds
        return definition
    }

    func metric(probe: String, key: String) -> Metric {
        var metric = template
        metric.probe = probe
        if metric.name.isEmpty {
            metric.name = "kubeskoop_\(probe)_\(key)"
            metric.aliases += OldNames.aliases(probe: probe, key: key)
        }
        return metric
    }
}
