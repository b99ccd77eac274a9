// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Search domains multiply queries, and some of those go wrong.
public enum DNSSearchCase: Case {
    public static let arises =
        "With ndots:5, a name with fewer than five dots is first tried with each search domain, for A and for "
        + "AAAA: eight queries instead of two, six of them in vain. Each of them can get lost or be late, and "
        + "together they load the DNS server."

    public static let reproduction =
        "The C library's own resolver with ndots:5 and three search domains, asking a DNS server that is slow."

    public static let rule = Rule(
        "dns-search", guides: [.dns],
        symptom: "looking up names outside the cluster takes long or times out",
        cause: "the resolver's search domains and ndots multiply queries, most of them in vain",
        when: Quantity.level(Measure(ResolverMetric.ndots), .last) >= 2
            && Quantity.level(Measure(ResolverMetric.searchDomains), .last) >= 1
            && Quantity.increase(Common.responses("NXDOMAIN")) >= 10
            && .ratio(Common.responses("NXDOMAIN"), Common.allResponses) >= 0.4
            && (Quantity.rate(Common.responses("NXDOMAIN")) >= 50 || Quantity.above(Common.clientLookups, 0.1) >= 5
                || Quantity.increase(Measure(DNSMetric.retried)) >= 2
                || Quantity.increase(Common.unansweredQueries) >= 2 || Quantity.increase(Measure(DNSMetric.late)) >= 2),
        confidence: 0.65,
        advice: [
            "write names outside the cluster with a dot at their end, or set ndots to 1 or 2 (dnsConfig of the "
                + "pod)",
            "a DNS cache on the node answers what does not exist from memory",
        ],
        checks: [
            "the names in the events of the probe dns: those with the search domains behind them"
        ])
}
