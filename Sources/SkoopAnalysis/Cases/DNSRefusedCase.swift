// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A DNS server that does not want to answer: the wrong one is asked.
public enum DNSRefusedCase: Case {
    public static let arises =
        "A server answers only those that it is meant for, or only names that it is responsible for, and "
        + "refuses others: the address that is configured is the wrong one."

    public static let reproduction =
        "A DNS server that answers REFUSED or NOTIMP."

    public static let rule = Rule(
        "dns-refused", guides: [.dns],
        symptom: "names are not resolved, and fail at once",
        cause: "DNS servers refuse to answer: the wrong server is asked, or an access list leaves the client "
            + "out",
        when: Quantity.increase(Common.responses("REFUSED", "NOTIMP", "FORMERR")) >= 2
            && .ratio(Common.responses("REFUSED", "NOTIMP", "FORMERR"), Common.allResponses) >= 0.1,
        confidence: 0.85,
        explains: ["dns-slow", "dns-retries", "upstream-unavailable"],
        advice: [
            "check the resolver's address, its access lists and its views"
        ],
        checks: [
            "the answer of the same server to dig from another host"
        ])
}
