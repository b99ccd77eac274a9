// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// TCP retransmissions by whose they are and how the loss was found out.
public enum TCPRetransExtraMetric: String, MetricSet {
    case packets, segments

    public static let probe = TCPRetransMetric.probe
    public static let isExtension = true
    public static let summary = "TCP retransmissions by kind"

    public var definition: MetricDefinition {
        switch self {
        case .packets:
            count(
                "TCP packets sent again, by how the loss was found out", name: "skoop_tcp_retransmits_total",
                rise:
                    "Packets or their acknowledgements are lost. syn and synack: connections take seconds to open; "
                    + "timeout: at least 200 ms were lost each time; fast and tailprobe: some round trips.")
        case .segments:
            count(
                "TCP segments sent again, by how the loss was found out; a packet may be several",
                name: "skoop_tcp_retransmitted_segments_total",
                rise: "As for packets; the sum over the kinds is what the kernel counts as retranssegs.")
        }
    }

    private func count(_ help: String, name: String, rise: String) -> MetricDefinition {
        .counter(
            help, name: name, labels: .entity(extra: ["kind"]),
            source: "tracepoints tcp:tcp_retransmit_skb and tcp:tcp_retransmit_synack", rise: rise)
    }
}
