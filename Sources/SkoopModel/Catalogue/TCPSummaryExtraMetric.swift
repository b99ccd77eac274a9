// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// What KubeSkoop's tcpsummary lacks: all TCP states, and how full the accept queues are.
public enum TCPSummaryExtraMetric: String, MetricSet {
    case sockets
    case acceptQueueLength = "accept_queue_length"
    case acceptQueueLimit = "accept_queue_limit"
    case acceptQueueMaxLength = "accept_queue_max_length"

    public static let probe = "tcpsummary"
    public static let isExtension = true
    public static let summary = "TCP sockets of every state and the fill of accept queues"

    /// Values of the label `state` by the kernel's state number (`include/net/tcp_states.h`); positions 0 and 12 are none
    /// of their own, for the kernel starts at 1 and shows NEW_SYN_RECV as SYN_RECV.
    public static let stateNames = [
        "", "established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2", "time_wait", "close", "close_wait",
        "last_ack", "listen", "closing", "",
    ]

    public var definition: MetricDefinition {
        switch self {
        case .sockets:
            gauge(
                "TCP sockets by state", labels: .entity(extra: ["state"]), source: "/proc/net/tcp and tcp6, column st",
                rise:
                    "Depends on the state: close_wait points at applications that do not close, syn_sent at peers that "
                    + "do not answer, fin_wait2 at peers that do not close, last_ack at lost final segments.")
        case .acceptQueueLength:
            gauge(
                "connections waiting in accept queues, over all listening sockets",
                source: "sock.sk_ack_backlog of listening sockets, as /proc/net/tcp rx_queue",
                rise:
                    "Applications do not call accept fast enough. Once a queue is at its limit kubeskoop_tcpext_listenoverflows grows."
            )
        case .acceptQueueLimit:
            gauge(
                "connections that the accept queues may hold, over all listening sockets",
                source: "sock.sk_max_ack_backlog of listening sockets",
                rise:
                    "More listening sockets, or larger backlogs given to listen. The limit of one socket is the smaller "
                    + "of its backlog and net.core.somaxconn.")
        case .acceptQueueMaxLength:
            gauge(
                "connections waiting in the fullest accept queue of one listening socket",
                source: "largest sock.sk_ack_backlog of the listening sockets",
                rise: "One listener falls behind even if the sum looks harmless.")
        }
    }

    private func gauge(
        _ help: String, labels: Metric.Labels = .entity(), source: String, rise: String
    ) -> MetricDefinition {
        .gauge(help, name: "skoop_tcp_\(rawValue)", labels: labels, source: source, rise: rise)
    }
}
