// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Packets that the kernel dropped, one by one.
public enum PacketlossEvent: String, EventSet {
    case packetLoss = "PacketLoss"

    public static let probe = PacketlossMetric.probe
    public static let summary = PacketlossMetric.summary

    public var definition: EventDefinition {
        EventDefinition(
            "the kernel dropped a packet", labels: .tuple,
            fields: [
                EventField("reason", .string, "the kernel's drop reason, for example NETFILTER_DROP; from 5.17"),
                EventField("location", .string, "the function that dropped it, with the offset in it"),
                EventField("stack", .list, "the kernel functions that led there, innermost first; on request"),
            ],
            source: "tracepoint skb:kfree_skb",
            suggests:
                "The packet never arrived: its sender will retransmit, wait or give up. The reason names the cause.")
    }
}
