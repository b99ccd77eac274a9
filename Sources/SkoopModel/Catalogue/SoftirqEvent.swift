// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Softirqs that began late or ran long, one by one.
public enum SoftirqEvent: String, EventSet {
    case schedSlow = "SOFTIRQ_SCHED_SLOW"
    case sched100ms = "SOFTIRQ_SCHED_100MS"
    case excuteSlow = "SOFTIRQ_EXCUTE_SLOW"
    case excute100ms = "SOFTIRQ_EXCUTE_100MS"

    public static let probe = SoftirqMetric.probe
    public static let probeAliases = SoftirqMetric.probeAliases
    public static let summary = SoftirqMetric.summary

    public var definition: EventDefinition {
        switch self {
        case .schedSlow: begun("later than the threshold")
        case .sched100ms: begun("more than 100 ms")
        case .excuteSlow: run("longer than the threshold")
        case .excute100ms: run("for more than 100 ms")
        }
    }

    private func begun(_ late: String) -> EventDefinition {
        EventDefinition(
            "a softirq began \(late) after it was raised", labels: .fields(["type"]), fields: Self.fields,
            source: "tracepoints irq:softirq_raise to irq:softirq_entry",
            suggests: "The CPU was kept from softirq work; the process is the one that it ran at that moment. "
                + "Packets of every pod on this node waited meanwhile.")
    }

    private func run(_ long: String) -> EventDefinition {
        EventDefinition(
            "a softirq ran \(long)", labels: .fields(["type"]), fields: Self.fields,
            source: "tracepoints irq:softirq_entry to irq:softirq_exit",
            suggests: "One run did too much work, and all else on that CPU waited; the process is the one interrupted.")
    }

    private static let fields = [
        EventField("type", .string, "the softirq, for example net_rx"),
        EventField("cpu", .integer, "the CPU it ran on"),
        EventField("latency_ns", .duration, "how long it was pending, or how long it ran"),
    ]
}
