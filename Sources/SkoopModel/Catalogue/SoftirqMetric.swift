// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Softirqs that began late or ran long, by type.
public enum SoftirqMetric: String, MetricSet {
    case schedslow, schedslow100ms, excuteslow, excuteslow100ms

    public static let probe = "softirq"
    public static let probeAliases = ["net_softirq", "netsoftirq"]
    public static let summary = "softirqs that began late or ran long"

    public var definition: MetricDefinition {
        switch self {
        case .schedslow: begun(10)
        case .schedslow100ms: begun(100)
        case .excuteslow: run(10)
        case .excuteslow100ms: run(100)
        }
    }

    private func begun(_ milliseconds: Int) -> MetricDefinition {
        .counter(
            "softirqs that began more than \(milliseconds) ms after they were raised", labels: Self.labels,
            source: "tracepoints irq:softirq_raise to irq:softirq_entry",
            rise:
                "CPUs are kept from softirq work: interrupts disabled for long, real-time tasks, or a stolen virtual CPU."
        )
    }

    private func run(_ milliseconds: Int) -> MetricDefinition {
        .counter(
            "softirqs that ran for more than \(milliseconds) ms", labels: Self.labels,
            source: "tracepoints irq:softirq_entry to irq:softirq_exit",
            rise: "Too much work at once: very many packets, long rule chains, or a slow driver or timer function.")
    }

    private static let labels = Metric.Labels.node(extra: ["softirq_type"])
}
