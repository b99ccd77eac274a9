// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A DNS server that answers SERVFAIL.
public enum DNSServerFailureCase: Case {
    public static let arises =
        "The resolver could not find out: those that it asks do not answer or refuse, DNSSEC fails, or a zone "
        + "is broken."

    public static let reproduction =
        "A DNS server that answers SERVFAIL; a real resolver whose upstream is dead."

    public static let rule = Rule(
        "dns-server-failure", guides: [.dns],
        symptom: "names are not resolved; the application reports a temporary failure in name resolution",
        cause: "DNS servers answer SERVFAIL: they could not find out",
        when: Quantity.increase(Common.responses("SERVFAIL")) >= 2
            && .ratio(Common.responses("SERVFAIL"), Common.allResponses) >= 0.1,
        confidence: 0.85,
        explains: ["dns-slow", "dns-retries", "upstream-unavailable"],
        advice: [
            "look at the log of the resolver, and at the servers that it forwards to"
        ],
        checks: [
            "whether all names fail, or only those of a zone"
        ])
}
