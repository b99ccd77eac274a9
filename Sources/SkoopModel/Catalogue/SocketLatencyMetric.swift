// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Time that data waits in TCP sockets for the application, or for being sent.
public enum SocketLatencyMetric: String, MetricSet {
    case read1ms, read100ms, write1ms, write100ms

    public static let probe = "socketlatency"
    public static let summary = "data that waited long in TCP sockets"

    public var definition: MetricDefinition {
        switch self {
        case .read1ms: read(1)
        case .read100ms: read(100)
        case .write1ms: write(1)
        case .write100ms: write(100)
        }
    }

    private func read(_ milliseconds: Int) -> MetricDefinition {
        .counter(
            "reads of TCP sockets more than \(milliseconds) ms after data had arrived",
            source: "time between sock_def_readable and tcp_cleanup_rbuf",
            rise: "The application reads late: it is busy, blocked, or not scheduled, for example by CPU throttling.")
    }

    private func write(_ milliseconds: Int) -> MetricDefinition {
        .counter(
            "writes to TCP sockets whose data was sent more than \(milliseconds) ms later",
            source: "time between tcp_sendmsg_locked and tcp_write_xmit",
            rise:
                "Data waits in send buffers: the peer's window or the congestion window is closed, or the host is overloaded."
        )
    }
}
