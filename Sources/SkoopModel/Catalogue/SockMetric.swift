// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// TCP sockets and memory of the node: the TCP lines of `/proc/net/sockstat` and `sockstat6` in the initial namespace.
/// What the kernel has per namespace is in ``SockstatMetric``.
public enum SockMetric: String, MetricSet {
    case inuse, orphan, tw, alloc, mem

    public static let probe = "sock"
    public static let summary = "TCP sockets and socket memory of the node"

    public var definition: MetricDefinition {
        switch self {
        case .inuse:
            level(
                "TCP sockets in use in the node's own network namespace, IPv4 and IPv6",
                "sockstat TCP inuse and sockstat6 TCP6 inuse",
                rise: "More connections or listeners of the node's own processes; pods are not contained.")
        case .orphan:
            level(
                "TCP sockets on the whole node that no process holds any more",
                "sockstat TCP orphan (tcp_orphan_count)",
                rise:
                    "Closed connections wait for peers that do not acknowledge. At net.ipv4.tcp_max_orphans connections are reset."
            )
        case .tw:
            level(
                "TCP sockets in TIME_WAIT in the node's own network namespace",
                "sockstat TCP tw (tcp_death_row.tw_refcount)",
                rise: "The node's own processes close many short connections.")
        case .alloc:
            level(
                "TCP sockets allocated on the whole node, in any state", "sockstat TCP alloc (tcp_sockets_allocated)",
                rise: "Sockets accumulate somewhere on the node: compare with inuse and with the pods' socket counts.")
        case .mem:
            level(
                "memory pages held by the buffers of all TCP sockets of the node",
                "sockstat TCP mem (tcp_memory_allocated)",
                unit: .pages,
                rise:
                    "Data queues up in sockets. Beyond the middle value of net.ipv4.tcp_mem the kernel shrinks buffers, "
                    + "beyond the last it drops and resets.")
        }
    }

    private func level(_ help: String, _ place: String, unit: Metric.Unit = .none, rise: String) -> MetricDefinition {
        .gauge(help, unit: unit, source: "/proc/net/\(place)", rise: rise)
    }
}
