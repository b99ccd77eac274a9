// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Packets that the kernel dropped anywhere in its network stack, by their ends.
public enum PacketlossMetric: String, MetricSet {
    case total, netfilter

    public static let probe = "packetloss"
    public static let summary = "packets dropped by the kernel, by source and destination"

    public var definition: MetricDefinition {
        switch self {
        case .total:
            .counter(
                "packets dropped by the kernel", labels: .node(extra: TupleLabels.names),
                source: "tracepoint skb:kfree_skb",
                rise:
                    "The node itself drops packets of these ends. With kubeskoop_udp_noports rising at the same time they "
                    + "are late replies to closed sockets; otherwise look for the place and reason of the drop.")
        case .netfilter:
            .counter(
                "packets dropped by netfilter rules or connection tracking", labels: .node(extra: TupleLabels.names),
                source: "tracepoint skb:kfree_skb within nf_hook_slow",
                rise:
                    "A rule of iptables or nftables, a network policy, or connection tracking refuses packets of these ends."
            )
        }
    }
}
