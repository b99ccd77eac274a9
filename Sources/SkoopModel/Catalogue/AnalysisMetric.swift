// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// What the agent's own analysis says: which causes it sees now, and what it costs.
public enum AnalysisMetric: String, MetricSet {
    case findings = "skoop_findings"
    case total = "skoop_findings_begun_total"
    case undecided = "skoop_analysis_undecided_cases"
    case duration = "skoop_analysis_duration_seconds"
    case memory = "skoop_analysis_memory_bytes"

    public static let probe = "analysis"
    public static let summary = "causes of trouble that the agent finds by itself"

    public var definition: MetricDefinition {
        switch self {
        case .findings:
            gauge(
                "causes that are seen now; 1 for each entity and case", labels: .entity(extra: ["case"]),
                rise: "The named cause is at work. The page /findings has the proof and what to do.")
        case .total:
            .counter(
                "causes that were found", name: rawValue, labels: .entity(extra: ["case"]), source: Self.source,
                rise: "The named cause was at work, perhaps too shortly to be seen in the gauge.")
        case .undecided:
            gauge(
                "cases that can neither be found nor ruled out, because evidence is missing", labels: .node(),
                rise: "Probes are off or fail. The page /findings says which are missing.")
        case .duration:
            gauge(
                "how long the last analysis took", unit: .seconds, decimals: 9, labels: .node(),
                rise: "More entities, or more of them are busy.")
        case .memory:
            gauge(
                "memory that the history of the analysis takes", unit: .bytes, labels: .node(),
                rise: "More entities, or more of them are busy. A shorter analysis.history makes it less.")
        }
    }

    private static let source = "the agent's analysis"

    private func gauge(
        _ help: String, unit: Metric.Unit = .none, decimals: Int = 0, labels: Metric.Labels, rise: String
    ) -> MetricDefinition {
        .gauge(help, name: rawValue, unit: unit, decimals: decimals, labels: labels, source: Self.source, rise: rise)
    }
}
