// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// What KubeSkoop's softnet lacks: every CPU by itself, and the reasons why receive processing falls behind.
public enum SoftnetExtraMetric: String, MetricSet {
    case processed
    case dropped
    case timeSqueezed = "time_squeezed"
    case receivedRPS = "received_rps"
    case flowLimit = "flow_limit"
    case backlogLength = "backlog_length"

    public static let probe = "softnet"
    public static let isExtension = true
    public static let summary = "receive processing of every CPU"

    public var definition: MetricDefinition {
        switch self {
        case .processed:
            count(
                "packets taken from devices and backlogs by the CPU", column: 1, field: "processed",
                rise: "Traffic. Very different CPUs mean that interrupts or RPS do not spread the load.")
        case .dropped:
            count(
                "packets dropped because the CPU's backlog was full", column: 2, field: "dropped",
                rise: "This CPU does not keep up with what RPS, veth or loopback devices queue for it.")
        case .timeSqueezed:
            count(
                "times the CPU ended receive processing with work left over", column: 3, field: "time_squeeze",
                rise: "The CPU's budget (net.core.netdev_budget and netdev_budget_usecs) is too small for the traffic: "
                    + "packets wait and latency grows, before drops begin.")
        case .receivedRPS:
            count(
                "times the CPU was woken by another to process packets (RPS)", column: 10, field: "received_rps",
                rise: "Receive packet steering sends more work to this CPU.")
        case .flowLimit:
            count(
                "packets dropped because one flow filled more than its share of the CPU's backlog", column: 11,
                field: "flow_limit.count",
                rise: "A single large flow overloads the CPU; the flow limit protects the others.")
        case .backlogLength:
            .gauge(
                "packets that wait in the CPU's backlog", name: "skoop_softnet_backlog_length",
                labels: .node(extra: ["cpu"]),
                source: "/proc/net/softnet_stat column 12 (softnet_data.input_pkt_queue and process_queue), Linux 5.10",
                rise: "The CPU falls behind; at net.core.netdev_max_backlog it begins to drop.")
        }
    }

    private func count(_ help: String, column: Int, field: String, rise: String) -> MetricDefinition {
        .counter(
            help, name: "skoop_softnet_\(rawValue)_total", labels: .node(extra: ["cpu"]),
            source: "/proc/net/softnet_stat column \(column) (softnet_data.\(field))", rise: rise)
    }
}
