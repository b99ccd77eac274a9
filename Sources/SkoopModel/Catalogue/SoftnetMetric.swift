// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Receive processing of the node's CPUs, summed. The kernel has these numbers per CPU and not per network namespace,
/// so there is a row for the node only; KubeSkoop repeats the same numbers for every pod.
public enum SoftnetMetric: String, MetricSet {
    case processed, dropped

    public static let probe = "softnet"
    public static let summary = "packets processed and dropped in the receive path of the node's CPUs"

    public var definition: MetricDefinition {
        switch self {
        case .processed:
            count(
                "packets taken from devices and backlogs by the node's CPUs", column: 1, field: "processed",
                rise: "Traffic of the node, all namespaces together; a packet that passes a veth pair counts again.")
        case .dropped:
            count(
                "packets dropped because a CPU's backlog was full", column: 2, field: "dropped",
                rise:
                    "A CPU does not keep up with what RPS, veth or loopback devices queue for it: it is overloaded, or "
                    + "net.core.netdev_max_backlog is too small.")
        }
    }

    private func count(_ help: String, column: Int, field: String, rise: String) -> MetricDefinition {
        .counter(
            help, source: "/proc/net/softnet_stat column \(column), summed over CPUs (softnet_data.\(field))",
            rise: rise,
            correction: "no value of a pod: the kernel counts per CPU for the whole node, so only the node has a row")
    }
}
