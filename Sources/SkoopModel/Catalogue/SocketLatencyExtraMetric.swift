// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// How long data waits in sockets.
public enum SocketLatencyExtraMetric: String, MetricSet {
    case read, write

    public static let probe = "socketlatency"
    public static let isExtension = true
    public static let summary = "how long data waits in sockets"

    public var definition: MetricDefinition {
        switch self {
        case .read:
            .latencies(
                "how long data had been in sockets when it was read", name: "skoop_socket_read_latency_seconds",
                labels: .entity(extra: ["protocol"]),
                source: "tracepoints sock:sk_data_ready to sock:sock_recv_length, oldest unread data counts",
                rise:
                    "The application reads late: it is busy, blocked, or not scheduled, for example by CPU throttling.")
        case .write:
            .latencies(
                "how long data written to TCP sockets waited before some of it was sent",
                name: "skoop_socket_write_latency_seconds",
                source: "tracepoints tcp:tcp_sendmsg_locked to net:net_dev_queue, oldest unsent data counts",
                rise: "Data waits in send buffers: the peer's window or the congestion window is closed.")
        }
    }
}
