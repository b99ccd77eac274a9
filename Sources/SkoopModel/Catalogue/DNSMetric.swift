// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// DNS as clients and servers of the entity see it: questions, answers, how long they take and which never come.
public enum DNSMetric: String, MetricSet {
    case seconds, queries, responses, truncated, retried, unanswered, late

    public static let probe = "dns"
    public static let summary = "DNS queries and their answers, by UDP and TCP"

    private static let hook = "control group hooks for packets of local sockets (cgroup_skb)"

    public var definition: MetricDefinition {
        switch self {
        case .seconds:
            .latencies(
                "time from a DNS query to its answer", name: "skoop_dns_seconds",
                labels: .entity(extra: ["direction", "protocol"]), source: Self.hook,
                rise:
                    "Of clients: the resolver, or the way to it, is slow. Of servers: this server is, or those that it "
                    + "asks. Compare with the server's own and with CPU throttling.")
        case .queries:
            .counter(
                "DNS queries sent by clients or received by servers", name: "skoop_dns_queries_total",
                labels: .entity(extra: ["direction", "protocol"]), source: Self.hook,
                rise:
                    "More names are looked up. Search domains (ndots) multiply queries; so do clients without a cache.")
        case .responses:
            .counter(
                "DNS responses received by clients or sent by servers, by response code",
                name: "skoop_dns_responses_total",
                labels: .entity(extra: ["direction", "rcode"]), source: Self.hook,
                rise:
                    "SERVFAIL: the server could not find out, often because those it asks do not answer. REFUSED: the "
                    + "wrong server is asked. Many NXDOMAIN are search domains that are tried in vain.")
        case .truncated:
            .counter(
                "DNS responses that did not fit into a datagram", name: "skoop_dns_truncated_total",
                labels: .entity(extra: ["direction"]), source: Self.hook,
                rise: "Clients must ask again by TCP, which takes longer and which some networks block.")
        case .retried:
            .counter(
                "DNS queries that a client sent again because there was no answer", name: "skoop_dns_retried_total",
                source: Self.hook,
                rise: "Queries or answers get lost, or come later than clients wait: users see it as seconds of delay.")
        case .unanswered:
            .counter(
                "DNS queries that had no answer in time", name: "skoop_dns_unanswered_total",
                labels: .entity(extra: ["direction"]),
                source: "\(Self.hook) and an iterator over queries without an answer",
                rise:
                    "Of clients: the resolver is down, drops queries, or answers get lost on the way. Of servers: those that "
                    + "this server asks do not answer.")
        case .late:
            .counter(
                "DNS responses that came when their client had closed its socket", name: "skoop_dns_late_total",
                source: "tracepoint skb:kfree_skb with the reason NO_SOCKET, before 5.17 with any",
                rise:
                    "The resolver answers later than the application waits, often because it is far away: check which "
                    + "resolver is configured. kubeskoop_udp_noports rises with it.")
        }
    }
}
