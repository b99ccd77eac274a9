// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A firewall rejects and says so.
public enum ConnectProhibitedCase: Case {
    public static let arises =
        "A rule with reject, a network policy or a router's access list answers with an ICMP message that "
        + "communication is prohibited."

    public static let reproduction =
        "A rule of the server or of a router that rejects with admin-prohibited."

    public static let rule = Rule(
        "connect-prohibited", guides: [.http],
        symptom: "connect() fails at once with EACCES, EPERM or EHOSTUNREACH",
        cause: "a firewall or policy prohibits the connection, and says so",
        when: Quantity.increase(Common.connects("prohibited")) >= 3,
        confidence: 0.85,
        explains: ["connect-unreachable", "connect-unanswered", "upstream-refused", "upstream-broke-off"],
        advice: [
            "find the rule that rejects: on this host, the peer's and the routers between"
        ],
        checks: [
            "who sent the ICMP message: tcpdump icmp or icmp6"
        ])
}
