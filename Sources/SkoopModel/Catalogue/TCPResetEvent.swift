// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// TCP resets, one by one; the own end is the source.
public enum TCPResetEvent: String, EventSet {
    case noSocket = "TCPRESET_NOSOCK"
    case process = "TCPRESET_PROCESS"
    case active = "TCPRESET_ACTIVE"
    case receive = "TCPRESET_RECEIVE"

    public static let probe = TCPResetMetric.probe
    public static let summary = TCPResetMetric.summary

    public var definition: EventDefinition {
        switch self {
        case .noSocket:
            sent(
                "a reset was sent because a segment came for which there is no socket",
                suggests:
                    "Nobody listens at the port, or the connection is forgotten here: a restarted server, a balancer that "
                    + "chose another backend, an expired entry of connection tracking.")
        case .process:
            sent(
                "a reset was sent because a segment came that the socket cannot accept",
                suggests:
                    "Data came after the reader was closed, or the segment does not fit the connection's state or "
                    + "sequence: an application that closes early, or a middlebox that mixes connections.")
        case .active:
            sent(
                "a reset was sent because this side ends the connection",
                suggests:
                    "An application closed a socket with unread data or without lingering, disconnected it, or the kernel "
                    + "gave up: keep-alive, memory, too many orphans. Process and reason tell which.")
        case .receive:
            reset(
                "a reset was received and obeyed",
                fields: [], source: "tracepoint tcp:tcp_receive_reset",
                suggests: "The other side, or something between, broke the connection off; look there for why.")
        }
    }

    private func sent(_ help: String, suggests: String) -> EventDefinition {
        reset(
            help,
            fields: [
                EventField("reason", .string, "the kernel's reason, for example TCP_ABORT_ON_DATA; from 6.10")
            ],
            source: "tracepoint tcp:tcp_send_reset", suggests: suggests)
    }

    private func reset(_ help: String, fields: [EventField], source: String, suggests: String) -> EventDefinition {
        EventDefinition(
            help, labels: .entity,
            fields: [
                EventField("state", .string, "the socket's state, for example TCP_ESTABLISHED"),
                EventField("stack", .list, "the kernel functions that led there, innermost first; on request"),
            ] + fields,
            source: source, suggests: suggests)
    }
}
