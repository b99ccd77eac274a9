// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Attempts to open a TCP connection that failed, or took too long.
public enum ConnectEvent: String, EventSet {
    case failed = "TCPConnectFailed"
    case abandoned = "TCPConnectAbandoned"
    case noAnswer = "TCPConnectNoAnswer"
    case slow = "TCPConnectSlow"

    public static let probe = ConnectMetric.probe
    public static let summary = ConnectMetric.summary

    public var definition: EventDefinition {
        switch self {
        case .failed:
            Self.event(
                "an attempt to open a TCP connection failed",
                "Refused: the server's host is there, but nobody listens. Timeout: no SYN or no answer came through. "
                    + "Unreachable: routing or a neighbour. Prohibited: a firewall or network policy. No-port: too many "
                    + "connections to this destination, or ports left in TIME_WAIT.")
        case .abandoned:
            Self.event(
                "the application closed a TCP socket before there was an answer to its SYN",
                "The application's own timeout was shorter than the path's trouble. Clients that try several addresses at "
                    + "once also do this to the slower ones; then the latency is short.")
        case .noAnswer:
            Self.event(
                "an attempt to open a TCP connection still has no answer; reported once, while it waits",
                "SYNs or SYN-ACKs vanish: a firewall that drops, a dead host behind a live route, a full listen queue.")
        case .slow:
            Self.event(
                "a TCP connection was established, but late",
                "With SYN retransmits: the SYN or its answer was lost. Without: the path or the server's kernel is slow."
            )
        }
    }

    private static func event(_ help: String, _ suggests: String) -> EventDefinition {
        EventDefinition(
            help, labels: .tuple,
            fields: [
                EventField(
                    "result", .string,
                    "established, refused, timeout, unreachable, prohibited, no-port, closed, failed, or waiting"),
                EventField("error", .string, "the error number's name, for example ECONNREFUSED"),
                EventField("latency_ns", .duration, "time since the attempt began"),
                EventField("syn_retransmits", .integer, "how often the SYN was sent again"),
            ],
            source: "tracepoint sock:inet_sock_set_state, and the return of connect()", suggests: suggests)
    }
}
