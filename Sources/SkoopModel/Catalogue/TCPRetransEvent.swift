// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// TCP retransmissions, one by one; the own end is the source.
public enum TCPRetransEvent: String, EventSet {
    case retransmission = "TCPRetrans"

    public static let probe = TCPRetransMetric.probe
    public static let summary = TCPRetransMetric.summary

    public var definition: EventDefinition {
        EventDefinition(
            "a TCP packet was sent again", labels: .tuple,
            fields: [
                EventField(
                    "kind", .string,
                    "how the loss was found out: syn, synack, fast, timeout, slowstart (after a timeout), tailprobe, other"
                ),
                EventField("segments", .integer, "how many segments the packet is"),
                EventField("bytes", .integer, "the bytes of data in it"),
                EventField("rtt_ns", .duration, "the connection's smoothed round trip time"),
                EventField("congestion_window", .integer, "how many segments may be on their way"),
                EventField("congestion_state", .string, "what the kernel makes of the losses, for example recovery"),
                EventField("attempts", .integer, "how many timeouts in a row there were before"),
                EventField("state", .string, "the socket's state, for example TCP_ESTABLISHED"),
                EventField("stack", .list, "the kernel functions that led there, innermost first; on request"),
            ],
            source: "tracepoints tcp:tcp_retransmit_skb and tcp:tcp_retransmit_synack",
            suggests:
                "A packet or its acknowledgement was lost or late. With attempts above 2, or many timeouts in a row, the "
                + "other side or the way to it is gone; with fast ones alone it is ordinary loss.")
    }
}
