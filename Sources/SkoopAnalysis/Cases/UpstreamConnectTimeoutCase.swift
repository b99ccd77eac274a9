// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A proxy waits in vain for a connection.
public enum UpstreamConnectTimeoutCase: Case {
    public static let arises =
        "SYNs to the upstream have no answer: a firewall drops them, its host is gone, or its listen queue "
        + "overflows."

    public static let reproduction =
        "nginx in front of a server whose packets a firewall drops."

    public static let rule = Rule(
        "upstream-connect-timeout", guides: [.http],
        symptom: "a proxy answers 504, or clients give up while it connects",
        cause: "the proxy's attempts to connect to its upstream have no answer",
        when: Quantity.increase(Common.requests("504", reaching: "connect")) >= 2
            || Quantity.above(Common.requests("499", reaching: "connect"), 0.5) >= 3,
        confidence: 0.75,
        supports: [
            Clue(
                Quantity.increase(Measure(ConnectMetric.unanswered)) >= 1,
                "attempts to connect waited for seconds without any answer")
        ],
        explains: ["client-gave-up"],
        advice: [
            "check that the upstream's address is a present one, and follow the SYN to it",
            "look at the upstream for overflows of its listen queues",
        ],
        checks: [
            "$upstream_addr of these lines: one, or all"
        ])
}
