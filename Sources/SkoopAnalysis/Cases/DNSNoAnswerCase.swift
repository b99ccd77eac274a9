// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A DNS server that does not answer.
public enum DNSNoAnswerCase: Case {
    public static let arises =
        "The resolver is down, overloaded or unreachable, or drops the queries. Clients wait for seconds, and "
        + "ask again or elsewhere."

    public static let reproduction =
        "A DNS server that is silent, or gone."

    public static let rule = Rule(
        "dns-no-answer", guides: [.dns],
        symptom: "names are not resolved, or only after five seconds",
        cause: "a DNS server does not answer",
        when: (Quantity.increase(Common.unansweredQueries) >= 1
            && .ratio(Common.unansweredQueries, Common.clientQueries) >= 0.3)
            || (Quantity.increase(Common.udpSent) >= 5 && .ratio(Common.udpReceived, Common.udpSent) <= 0.3),
        confidence: 0.55,
        supports: [
            Clue(
                Quantity.increase(Common.unansweredQueries) >= 2, weight: 2,
                "queries have no answer"),
            Clue(
                Quantity.increase(Measure(DNSMetric.retried)) >= 1, weight: 0.5,
                "the client asked again"),
            Common.resolverLoses,
            Clue(
                Quantity.level(Measure(ResolverMetric.timeout), .last) >= 5, weight: 0.2,
                "the resolver waits so many seconds before it asks again"),
        ],
        contradicts: [
            Clue(
                Quantity.increase(Common.unansweredQueries) < 1, weight: 4,
                "every query had an answer")
        ],
        explains: ["dns-retries", "upstream-unavailable"],
        advice: [
            "check that the resolver runs and can be reached from this pod",
            "look at the resolver's own findings: queues, buffers, the servers that it asks",
        ],
        checks: [
            "the server's address in the events DNSNoAnswer"
        ])
}
