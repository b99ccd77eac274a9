// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// The outermost queueing discipline of each device, summed by network namespace: a root has counted what its classes
/// count. Single devices, inner disciplines included, are in ``QdiscDeviceMetric``.
public enum QdiscMetric: String, MetricSet {
    case bytes, packets, drops, qlen, backlog, overlimits

    public static let probe = "qdisc"
    public static let summary = "traffic, drops and backlog of each network namespace's queueing disciplines"

    public var definition: MetricDefinition {
        switch self {
        case .bytes:
            .counter(
                "bytes sent through the outermost queueing disciplines of the namespace's devices", unit: .bytes,
                source: "RTM_GETQDISC TCA_STATS2 gnet_stats_basic.bytes", rise: "Traffic.")
        case .packets:
            .counter(
                "packets sent through the outermost queueing disciplines of the namespace's devices",
                source: "RTM_GETQDISC TCA_STATS2 gnet_stats_basic.packets", rise: "Traffic.")
        case .drops:
            .counter(
                "packets dropped by the outermost queueing disciplines of the namespace's devices",
                source: "RTM_GETQDISC TCA_STATS2 gnet_stats_queue.drops",
                rise:
                    "More is sent than the device or a configured rate takes, or a queue's limit is too small for bursts."
            )
        case .qlen:
            .gauge(
                "packets waiting in the outermost queueing disciplines of the namespace's devices",
                source: "RTM_GETQDISC TCA_STATS2 gnet_stats_queue.qlen",
                rise: "The device is slower than its senders. Every waiting packet adds latency.")
        case .backlog:
            .gauge(
                "bytes waiting in the outermost queueing disciplines of the namespace's devices", unit: .bytes,
                source: "RTM_GETQDISC TCA_STATS2 gnet_stats_queue.backlog",
                rise: "The device is slower than its senders; divided by the link's rate it is the queueing delay.")
        case .overlimits:
            .counter(
                "times an outermost queueing discipline of the namespace held back or refused a packet for its rate limit",
                source: "RTM_GETQDISC TCA_STATS2 gnet_stats_queue.overlimits",
                rise: "Traffic shaping is at work: the configured bandwidth is reached.")
        }
    }
}
