// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Two equal packets race to make an entry in the connection tracking table: the five seconds of DNS in Kubernetes.
public enum ConntrackRaceCase: Case {
    public static let arises =
        "A client asks for A and AAAA at once from one socket, through NAT. Both packets make an entry, one "
        + "of them fails and is dropped. The client waits five seconds and asks again."

    public static let reproduction =
        "By made-up counters only: the race needs two CPUs at the same nanosecond."

    public static let rule = Rule(
        "conntrack-race", guides: [.dns],
        symptom: "some look-ups take five seconds",
        cause: "packets were dropped in a race of connection tracking entries, typically parallel A and AAAA "
            + "queries through NAT",
        // A connection or two may fail so without anybody noticing: the port is taken, and another one is tried.
        when: Quantity.increase(Measure(ConntrackMetric.insertfailed)) >= 1
            && (Common.dnsSuffers || Common.dnsSuffers.of(.peer)
                || Quantity.increase(Measure(ConntrackMetric.insertfailed)) >= 20),
        confidence: 0.5,
        supports: [
            Clue(
                Quantity.increase(Common.unansweredQueries) >= 1, weight: 2,
                "DNS queries have no answer"),
            Clue(
                Quantity.increase(Measure(DNSMetric.retried)) >= 1,
                "DNS clients asked again"),
        ],
        explains: ["dns-no-answer", "dns-slow", "dns-retries", "netfilter-drop"],
        advice: [
            "use a DNS cache on the node (NodeLocal DNSCache), or the options single-request-reopen or "
                + "use-vc of the resolver"
        ],
        checks: [
            "whether the delays are five seconds: the timeout of the client's resolver"
        ])
}
