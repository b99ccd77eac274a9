// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// DNS queries that were not answered, or late, or with an error.
public enum DNSEvent: String, EventSet {
    case noAnswer = "DNSNoAnswer"
    case lateAnswer = "DNSLateAnswer"
    case error = "DNSError"
    case slow = "DNSSlow"

    public static let probe = DNSMetric.probe
    public static let summary = DNSMetric.summary

    public var definition: EventDefinition {
        switch self {
        case .noAnswer:
            Self.event(
                "a DNS query has no answer yet; reported once, while it waits",
                "The resolver is down or drops the query, or query or answer got lost on the way.")
        case .lateAnswer:
            Self.event(
                "a DNS response came when its client had closed the socket",
                "The resolver is slower than the application waits. It may not be the one that was meant to be used, or far away."
            )
        case .error:
            Self.event(
                "a DNS response with a code other than NOERROR and NXDOMAIN",
                "SERVFAIL: those that the server asks do not answer, or DNSSEC fails. REFUSED: the wrong server is asked."
            )
        case .slow:
            Self.event(
                "a DNS query was answered, but late", "The resolver or the way to it is slow, or lost a first query.")
        }
    }

    private static func event(_ help: String, _ suggests: String) -> EventDefinition {
        EventDefinition(
            help, labels: .tuple,
            fields: [
                EventField("direction", .string, "client or server: which end the entity is"),
                EventField("name", .string, "the name that was asked for, unless that is switched off"),
                EventField("record_type", .string, "what was asked for, for example AAAA"),
                EventField("id", .integer, "the transaction's number"),
                EventField("rcode", .string, "the response code, for example SERVFAIL"),
                EventField("latency_ns", .duration, "time since the query"),
                EventField("tries", .integer, "how often the client has asked, this time included"),
            ],
            source: "control group hooks for packets of local sockets (cgroup_skb)", suggests: suggests)
    }
}
