// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// TCP retransmissions by connection.
public enum TCPRetransMetric: String, MetricSet {
    case total

    public static let probe = "tcpretrans"
    public static let summary = "TCP retransmissions by source and destination"

    public var definition: MetricDefinition {
        .counter(
            "TCP packets sent again between these ends", labels: .plain(TupleLabels.names),
            source: "tracepoints tcp:tcp_retransmit_skb and tcp:tcp_retransmit_synack",
            rise: "Segments or their acknowledgements are lost or late between these ends, or the peer does not answer."
        )
    }
}
