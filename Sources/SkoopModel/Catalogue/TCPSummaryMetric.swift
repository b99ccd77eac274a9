// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// The TCP sockets of each network namespace by state, and what waits in their queues; IPv4 and IPv6 together.
public enum TCPSummaryMetric: String, MetricSet {
    case tcpestablishedconn, tcptimewaitconn, tcpclosewaitconn, tcpsynsentconn, tcpsynrecvconn, tcptxqueue, tcprxqueue

    public static let probe = "tcpsummary"
    public static let summary = "TCP sockets by state and the bytes in their queues, IPv4 and IPv6 together"

    public var definition: MetricDefinition {
        switch self {
        case .tcpestablishedconn:
            state(
                "ESTABLISHED",
                rise: "More connections are held: more load, a connection leak, or replies that have become slow.")
        case .tcptimewaitconn:
            state(
                "TIME_WAIT",
                rise:
                    "Many short connections were closed by this side; ports may run out towards one peer. A fall together "
                    + "with a rise of established ones means that connections no longer come to their end.",
                correction: "the ACK document describes the name also as the bytes in send queues; those are "
                    + "kubeskoop_tcpsummary_tcptxqueue, and this name counts TIME_WAIT sockets only")
        case .tcpclosewaitconn:
            state(
                "CLOSE_WAIT",
                rise: "Peers have closed and the application has not: it leaks sockets or is stalled.")
        case .tcpsynsentconn:
            state(
                "SYN_SENT",
                rise:
                    "Outgoing connects get no answer: the peer is down or overloaded, or packets are dropped on the way."
            )
        case .tcpsynrecvconn:
            state(
                "SYN_RECV",
                rise:
                    "Handshakes are not completed: the SYN-ACK or the last ACK is lost, the accept queue is full, or a "
                    + "SYN flood is under way.")
        case .tcptxqueue:
            queue(
                "bytes in the send queues of TCP sockets, sent but not acknowledged or not yet sent",
                column: "tx_queue",
                field: "tcp_sock.write_seq - snd_una",
                rise: "Peers or the path do not take the data: slow receivers, loss, or a congested device.")
        case .tcprxqueue:
            queue(
                "bytes in the receive queues of TCP sockets that the applications have not read", column: "rx_queue",
                field: "tcp_sock.rcv_nxt - copied_seq",
                rise:
                    "Applications do not read: they are overloaded, blocked, or not scheduled, for example by CPU throttling."
            )
        }
    }

    private func state(_ name: String, rise: String, correction: String? = nil) -> MetricDefinition {
        .gauge(
            "TCP sockets in state \(name)", source: "/proc/net/tcp and tcp6, column st (TCP_\(name))", rise: rise,
            correction: correction)
    }

    private func queue(_ help: String, column: String, field: String, rise: String) -> MetricDefinition {
        .gauge(
            help, unit: .bytes,
            source: "/proc/net/tcp and tcp6, column \(column) of all sockets but listening ones (\(field))",
            rise: rise,
            correction: "not only established connections: sockets of every state but LISTEN are summed")
    }
}
