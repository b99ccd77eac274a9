// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Traffic between every two ends as each entity sees it, by direction.
public enum FlowExtraMetric: String, MetricSet {
    case bytes, packets, drops, retransmits

    public static let probe = "flow"
    public static let isExtension = true
    public static let summary = "traffic, drops and retransmissions of every flow, by entity and direction"

    public var definition: MetricDefinition {
        switch self {
        case .bytes:
            counter(
                "bytes of the flow that passed the entity's devices, with the link's header", unit: .bytes,
                source: "skb->len at tracepoints net:net_dev_queue and net:netif_receive_skb",
                rise: "Traffic of this entity with the other end; the largest flows use up the bandwidth.")
        case .packets:
            counter(
                "packets of the flow that passed the entity's devices",
                source: "skbs at tracepoints net:net_dev_queue and net:netif_receive_skb",
                rise: "Traffic of this entity with the other end; a packet may be an aggregate of up to 64 KiB.")
        case .drops:
            counter(
                "packets of the flow that the kernel dropped in the entity's namespace",
                source: "tracepoint skb:kfree_skb",
                rise: "The flow loses packets on this node; skoop_packet_drops_total tells the reason.")
        case .retransmits:
            counter(
                "packets of the flow that the entity sent again", source: "tracepoint tcp:tcp_retransmit_skb",
                rise: "Packets to the other end, or its acknowledgements, get lost somewhere on the way.")
        }
    }

    private func counter(_ help: String, unit: Metric.Unit = .none, source: String, rise: String) -> MetricDefinition {
        .counter(
            help, name: "skoop_flow_\(rawValue)_total", unit: unit,
            labels: .entity(extra: ["direction"] + TupleLabels.names), source: source, rise: rise)
    }
}
