// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A proxy cannot connect: its upstream refuses.
public enum UpstreamRefusedCase: Case {
    public static let arises =
        "Nobody listens at the upstream's address - the process is down, restarts, or the address is an old one "
        + "- or a firewall rejects. The proxy answers 502 at once."

    public static let reproduction =
        "nginx in front of a port at which nobody listens, and its access log."

    public static let rule = Rule(
        "upstream-refused", guides: [.http],
        symptom: "a proxy answers 502 at once",
        cause: "the proxy cannot connect to its upstream: it is refused",
        when: Quantity.increase(Common.requests("502", reaching: "connect")) >= 3
            && .ratio(Common.requests("502", reaching: "connect"), Common.allRequests) >= 0.02,
        confidence: 0.75,
        supports: [
            Clue(
                Quantity.increase(Common.connects("refused")) >= 3,
                "attempts to connect were refused")
        ],
        explains: ["upstream-unavailable"],
        advice: [
            "check that the upstream runs and is ready, and that the proxy has its present address"
        ],
        checks: [
            "$upstream_addr of the lines with status 502, and whether somebody listens there"
        ])
}
