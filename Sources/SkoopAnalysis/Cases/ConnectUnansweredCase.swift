// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// SYNs vanish: a firewall that drops, a dead host behind a live route.
public enum ConnectUnansweredCase: Case {
    public static let arises =
        "Neither a SYN-ACK nor a reset comes back. A firewall or policy drops silently, the host is gone "
        + "while its route is not, or the way back is broken. The client tries again after 1, 3, 7 seconds."

    public static let reproduction =
        "SYNs, or the answers to them, are dropped where only the client's side is watched."

    public static let rule = Rule(
        "connect-unanswered", guides: [.http],
        symptom: "connect() hangs for seconds and times out; a proxy answers 504",
        cause: "attempts to connect get no answer at all: SYNs or their answers vanish on the way",
        when: Quantity.increase(Measure(ConnectMetric.unanswered)) >= 2
            || Quantity.increase(Common.connects("timeout")) >= 2 || Quantity.events(Common.abandoned) >= 2
            || (Quantity.increase(Common.synRetransmits) >= 3
                && .ratio(Common.synRetransmits, Common.activeOpens) >= 0.3
                && Quantity.increase(Common.activeOpens) >= 1),
        confidence: 0.6,
        supports: [
            Clue(
                Quantity.increase(Common.retransmits("syn")) >= 3, weight: 0.5,
                "SYNs were sent again"),
            Clue(
                Quantity.increase(Measure(ConnectMetric.unanswered)) >= 2,
                "attempts waited for seconds without any answer"),
        ],
        contradicts: [
            Clue(
                Quantity.increase(Common.connectsInVain) < 1
                    && Quantity.increase(Measure(ConnectMetric.unanswered)) < 1, weight: 4,
                "every attempt had an answer")
        ],
        explains: [
            "connect-slow", "handshake-incomplete", "peer-gone", "upstream-connect-timeout", "upstream-answer-timeout",
            "client-gave-up",
        ],
        advice: [
            "follow the SYN hop by hop: firewalls, security groups, network policies, the way back",
            "if it is one address only, that host or pod is gone while something still points to it",
        ],
        checks: [
            "whether the SYN arrives at the other host, and whether its listen queue overflows there"
        ])
}
