// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// TCP connections that processes of the entity open: how long it takes, and what became of every attempt.
public enum ConnectMetric: String, MetricSet {
    case seconds, total, unanswered

    public static let probe = "connect"
    public static let summary = "TCP connections being opened: how long it takes and why it fails"

    public var definition: MetricDefinition {
        switch self {
        case .seconds:
            .latencies(
                "time from the first SYN to the established connection, of connections opened here",
                name: "skoop_connect_seconds",
                source: "tracepoint sock:inet_sock_set_state, TCP_SYN_SENT to TCP_ESTABLISHED",
                rise: "The network or the servers answer late. Around 1 s and 3 s it is lost SYNs or SYN-ACKs, often a "
                    + "listen queue that overflows; below that the path's round trip.")
        case .total:
            .counter(
                "attempts to open a TCP connection that came to an end, by result", name: "skoop_connects_total",
                labels: .entity(extra: ["result"]),
                source: "tracepoint sock:inet_sock_set_state with sk_err, and the return of connect()",
                rise:
                    "The result says it. Refused: nobody listens there. Timeout: SYNs vanish on the way. Unreachable: no "
                    + "route, or a router or neighbour says so. Prohibited: a rule or policy forbids it. No-port: local ports "
                    + "are used up. Closed: the application gave up before there was an answer. Failed: any other error."
            )
        case .unanswered:
            .counter(
                "attempts to open a TCP connection that had no answer in time, whatever became of them later",
                name: "skoop_connects_unanswered_total",
                source: "tracepoint sock:inet_sock_set_state and an iterator over attempts without an outcome",
                rise:
                    "SYNs or their answers vanish, or the server's listen queue is full. It counts while the attempt still "
                    + "waits, long before the kernel gives up.")
        }
    }
}
