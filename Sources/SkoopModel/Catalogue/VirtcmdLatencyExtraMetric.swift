// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// How long commands to virtio network devices take.
public enum VirtcmdLatencyExtraMetric: String, MetricSet {
    case duration

    public static let probe = "virtcmdlatency"
    public static let isExtension = true
    public static let summary = "how long commands to virtio network devices take"

    public var definition: MetricDefinition {
        .latencies(
            "how long control commands to virtio network devices took", name: "skoop_virtcmd_latency_seconds",
            labels: .node(), source: "time in virtnet_send_command, or virtnet_send_command_reply from 6.10",
            rise: "The hypervisor answers late and holds a CPU meanwhile, so that all else on that CPU waits.")
    }
}
