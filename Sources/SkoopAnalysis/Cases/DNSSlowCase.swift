// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A DNS server that answers slowly.
public enum DNSSlowCase: Case {
    public static let arises =
        "The resolver has to ask others, is overloaded, throttled, or far away."

    public static let reproduction =
        "A DNS server that answers late, but before clients give up; a real resolver whose upstream is slow."

    public static let rule = Rule(
        "dns-slow", guides: [.dns, .jitter],
        symptom: "the first request to a name is slow",
        cause: "DNS servers answer slowly",
        when: Quantity.above(Common.clientLookups, 0.25) >= 2 && .shareAbove(Common.clientLookups, 0.25) >= 0.05,
        confidence: 0.75,
        supports: [
            Clue(
                .shareAbove(Common.clientLookups, 1) >= 0.05, weight: 0.5,
                "some take more than a second"),
            Common.resolverLoses,
        ],
        explains: ["dns-retries"],
        advice: [
            "compare with the resolver's own latencies: if they are as long, look at the servers that it "
                + "asks, else at the way",
            "cache names near the pods",
        ],
        checks: [
            "whether all names are slow, or only those that the resolver must ask others for"
        ])
}
