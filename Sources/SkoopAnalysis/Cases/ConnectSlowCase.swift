// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Connections are established late.
public enum ConnectSlowCase: Case {
    public static let arises =
        "A first SYN was lost, or the way to the server, or its kernel, takes long."

    public static let reproduction =
        "A router that holds back what goes to a server."

    public static let rule = Rule(
        "connect-slow", guides: [.http, .jitter],
        symptom: "connecting takes a second or more now and then",
        cause: "connections are established late: lost SYNs, or a long way",
        when: Quantity.above(Measure(ConnectMetric.seconds), 0.5) >= 3
            && .shareAbove(Measure(ConnectMetric.seconds), 0.5) >= 0.02,
        confidence: 0.55,
        supports: [
            Clue(
                Quantity.increase(Common.retransmits("syn")) >= 3,
                "SYNs were sent again")
        ],
        explains: ["client-gave-up"],
        advice: [
            "look at the server for overflows of its queues, and at the way for loss"
        ],
        checks: [
            "whether the delays are 1 and 3 seconds: then it is loss"
        ])
}
