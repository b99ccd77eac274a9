// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Slow commands to virtio network devices, one by one.
public enum VirtcmdLatencyEvent: String, EventSet {
    case slow = "VIRTCMDEXCUTE"
    case slow100ms = "VIRTCMDEXCUTE_100MS"

    public static let probe = VirtcmdLatencyMetric.probe
    public static let probeAliases = VirtcmdLatencyMetric.probeAliases
    public static let summary = VirtcmdLatencyMetric.summary

    public var definition: EventDefinition {
        EventDefinition(
            "a control command to a virtio network device took \(self == .slow ? "longer than the threshold" : "more than 100 ms")",
            labels: .fields(),
            fields: [
                EventField("cpu", .integer, "the CPU that waited for the hypervisor"),
                EventField("latency_ns", .duration, "how long the command took"),
                EventField("command", .string, "what the command was about, for example mac or rx"),
            ],
            source: VirtcmdLatencyExtraMetric.duration.metric.source,
            suggests: "The hypervisor answered late. All else on that CPU, packets of every pod included, waited.")
    }
}
