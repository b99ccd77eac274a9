// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Packets that the kernel dropped, by whose they were, why and where.
public enum PacketlossExtraMetric: String, MetricSet {
    case drops

    public static let probe = PacketlossMetric.probe
    public static let isExtension = true
    public static let summary = "packets dropped by the kernel, by reason and function"

    public var definition: MetricDefinition {
        .counter(
            "IP packets dropped by the kernel, by its reason and function; of an unknown namespace, the node's",
            name: "skoop_packet_drops_total", labels: .entity(extra: ["reason", "location"]),
            source: "tracepoint skb:kfree_skb, enum skb_drop_reason from Linux 5.17, kallsyms",
            rise:
                "Packets get lost in this namespace. The reason names the cause, for example NETFILTER_DROP (a rule), "
                + "SOCKET_RCVBUFF (the reader is too slow), NO_SOCKET (nobody listens); before Linux 5.17, and where the "
                + "reason is NOT_SPECIFIED, the function does.")
    }
}
