// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Commands to virtio network devices that took long; the CPU spins while it waits for them.
public enum VirtcmdLatencyMetric: String, MetricSet {
    case latency, latency100ms

    public static let probe = "virtcmdlatency"
    public static let probeAliases = ["virtcmdLatency"]
    public static let summary = "slow control commands to virtio network devices"

    public var definition: MetricDefinition {
        switch self {
        case .latency: slow(10, correction: "no histogram: the ACK document shows a label le, which no release exports")
        case .latency100ms: slow(100)
        }
    }

    private func slow(_ milliseconds: Int, correction: String? = nil) -> MetricDefinition {
        .counter(
            "control commands to virtio network devices that took more than \(milliseconds) ms",
            source: "time in virtnet_send_command",
            rise:
                "The hypervisor answers late and holds a CPU meanwhile, typically while many pods are created or deleted "
                + "and change addresses or filters of the device.", correction: correction)
    }
}
