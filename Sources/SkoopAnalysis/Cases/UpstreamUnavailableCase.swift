// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A proxy has no address to ask.
public enum UpstreamUnavailableCase: Case {
    public static let arises =
        "The upstream is a name that the proxy's resolver does not find, or all servers of a group have failed "
        + "so often that the proxy takes them for dead."

    public static let reproduction =
        "nginx with a name as upstream that its DNS server does not know."

    public static let rule = Rule(
        "upstream-unavailable", guides: [.http, .dns],
        symptom: "a proxy answers 502 at once and names no upstream",
        cause: "the proxy has no upstream to ask: its name is not resolved, or all are taken for dead",
        when: Quantity.increase(Common.requests("502", reaching: "none", "unnamed")) >= 3
            && .ratio(Common.requests("502", reaching: "none", "unnamed"), Common.allRequests) >= 0.02,
        confidence: 0.75,
        supports: [
            Clue(
                Quantity.increase(Common.responses("NXDOMAIN", "SERVFAIL", "REFUSED")) >= 1,
                "names were not resolved"),
            Clue(
                Quantity.increase(Common.unansweredQueries) >= 1,
                "DNS queries had no answer"),
        ],
        advice: [
            "look up the upstream's name from the proxy, and check its resolver",
            "\"no live upstreams\": find out why they failed before; max_fails and fail_timeout say for how long "
                + "they are left out",
        ],
        checks: [
            "\"could not be resolved\" or \"no live upstreams\" in the proxy's error log"
        ])
}
