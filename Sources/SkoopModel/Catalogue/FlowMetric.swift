// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Traffic between every two ends that the node's outer devices see.
public enum FlowMetric: String, MetricSet {
    case bytes, packets

    public static let probe = "flow"
    public static let summary = "bytes and packets of every flow through the node's devices"

    public var definition: MetricDefinition {
        switch self {
        case .bytes:
            .counter(
                "bytes of the flow", unit: .bytes, labels: .plain(TupleLabels.names),
                source: "skb->len at tc clsact ingress and egress",
                rise: "Traffic between these ends; the largest flows use up the bandwidth.")
        case .packets:
            .counter(
                "packets of the flow", labels: .plain(TupleLabels.names),
                source: "skbs at tc clsact ingress and egress",
                rise: "Traffic between these ends; a packet may be a segment aggregate of up to 64 KiB.")
        }
    }
}
