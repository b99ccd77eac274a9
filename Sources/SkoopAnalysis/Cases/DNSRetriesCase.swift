// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// DNS clients have to ask again.
public enum DNSRetriesCase: Case {
    public static let arises =
        "A query or its answer gets lost now and then, or the server answers later than the client repeats."

    public static let reproduction =
        "A share of DNS datagrams is dropped on a way that is not watched."

    public static let rule = Rule(
        "dns-retries", guides: [.dns],
        symptom: "some look-ups take seconds",
        cause: "DNS queries or their answers get lost on the way",
        when: Quantity.increase(Measure(DNSMetric.retried)) >= 3
            || (Quantity.increase(Common.unansweredQueries) >= 2
                && .ratio(Common.unansweredQueries, Common.clientQueries) >= 0.01),
        confidence: 0.6,
        supports: [
            Common.resolverLoses,
            Clue(
                Quantity.level(Measure(ResolverMetric.timeout), .last) >= 5, weight: 0.2,
                "the resolver waits so many seconds before it asks again"),
        ],
        advice: [
            "measure loss of UDP between the pod and the resolver",
            "use a DNS cache on the node, which asks by TCP",
        ],
        checks: [
            "whether TCP has loss to the same host too"
        ])
}
