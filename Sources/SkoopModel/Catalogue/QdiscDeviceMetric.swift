// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// The queueing disciplines of every device, summed by kind; an option of the qdisc probe.
public enum QdiscDeviceMetric: String, MetricSet {
    case bytes = "bytes_total"
    case packets = "packets_total"
    case drops = "drops_total"
    case overlimits = "overlimits_total"
    case requeues = "requeues_total"
    case qlen
    case backlog = "backlog_bytes"

    public static let probe = "qdisc"
    public static let isExtension = true
    public static let summary = "traffic, drops and backlog of every device's queueing disciplines"

    public var definition: MetricDefinition {
        switch self {
        case .bytes:
            count("bytes sent through the device's queueing disciplines", "basic.bytes", unit: .bytes, rise: "Traffic.")
        case .packets:
            count("packets sent through the device's queueing disciplines", "basic.packets", rise: "Traffic.")
        case .drops:
            count(
                "packets dropped by the device's queueing disciplines", "queue.drops",
                rise:
                    "More is sent than the device or a configured rate takes, or a queue's limit is too small for bursts."
            )
        case .overlimits:
            count(
                "times a queueing discipline of the device held back or refused a packet for its rate limit",
                "queue.overlimits", rise: "Traffic shaping is at work: the configured bandwidth is reached.")
        case .requeues:
            count(
                "packets the device gave back because it could not send them at once", "queue.requeues",
                rise: "The driver's ring is full: the device sends at its limit or is stalled.")
        case .qlen:
            level(
                "packets waiting in the device's queueing disciplines", "queue.qlen",
                rise: "The device is slower than its senders. Every waiting packet adds latency.")
        case .backlog:
            level(
                "bytes waiting in the device's queueing disciplines", "queue.backlog", unit: .bytes,
                rise: "The device is slower than its senders; divided by the link's rate it is the queueing delay.")
        }
    }

    private func count(_ help: String, _ field: String, unit: Metric.Unit = .none, rise: String) -> MetricDefinition {
        .counter(
            help, name: name, unit: unit, labels: Self.labels, source: Self.source(field), rise: rise)
    }

    private func level(_ help: String, _ field: String, unit: Metric.Unit = .none, rise: String) -> MetricDefinition {
        .gauge(
            help, name: name, unit: unit, labels: Self.labels, source: Self.source(field), rise: rise)
    }

    private var name: String { "skoop_qdisc_device_\(rawValue)" }
    private static let labels = Metric.Labels.entity(extra: ["device", "kind"])
    private static func source(_ field: String) -> String { "RTM_GETQDISC TCA_STATS2 gnet_stats_\(field)" }
}
