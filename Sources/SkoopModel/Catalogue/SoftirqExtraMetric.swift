// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// How long softirqs wait and run, by type.
public enum SoftirqExtraMetric: String, MetricSet {
    case latency, duration

    public static let probe = "softirq"
    public static let isExtension = true
    public static let summary = "how long softirqs wait and run"

    public var definition: MetricDefinition {
        switch self {
        case .latency:
            .latencies(
                "how long softirqs were pending before they ran", name: "skoop_softirq_latency_seconds",
                labels: Self.labels, source: "tracepoints irq:softirq_raise to irq:softirq_entry, first raise counts",
                rise: "CPUs are kept from softirq work: packets wait in the device although the host looks idle. "
                    + "Interrupts disabled for long, real-time tasks, ksoftirqd out of its time, or a stolen virtual CPU."
            )
        case .duration:
            .latencies(
                "how long softirqs ran", name: "skoop_softirq_duration_seconds", labels: Self.labels,
                source: "tracepoints irq:softirq_entry to irq:softirq_exit",
                rise:
                    "Each run does much work: many packets at once, long rule chains, or a slow driver or timer function."
            )
        }
    }

    private static let labels = Metric.Labels.node(extra: ["softirq_type"])
}
