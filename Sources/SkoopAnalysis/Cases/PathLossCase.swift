// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Packets get lost where nobody here sees it.
public enum PathLossCase: Case {
    public static let arises =
        "A link, a switch, an overloaded hypervisor or a policer in the underlay drops packets. Nothing on "
        + "the hosts that are watched counts it, only TCP notices and sends again."

    public static let reproduction =
        "A share of the packets, at random, is dropped between the namespaces that are watched."

    public static let rule = Rule(
        "path-loss", guides: [.loss, .jitter, .http],
        symptom: "now and then a request takes 200 ms or more longer than usual, throughput falls",
        cause: "packets are lost on the path: TCP sends again, and nothing on this host dropped them",
        when: Quantity.increase(Common.retransmitted) >= 5 && .ratio(Common.retransmitted, Common.sentSegments) >= 0.01
            && .ratio(Common.synRetransmits, Common.retransmitted) < 0.5,
        confidence: 0.6,
        supports: [
            Clue(
                Quantity.increase(Common.retransmits("fast", "slowstart")) >= 3,
                "later segments arrived while earlier ones were missing"),
            Clue(
                .ratio(Common.retransmitted, Common.sentSegments) >= 0.03, weight: 0.5,
                "more than three in a hundred are sent again"),
        ],
        contradicts: [
            Clue(
                .ratio(Measure(TCPExtExtraMetric.duplicateReceived), Common.retransmitted) >= 0.8, weight: 2,
                "most of what was sent again had arrived before")
        ],
        explains: ["connect-slow", "handshake-incomplete", "connect-unanswered", "peer-gone", "peer-reads-slowly"],
        advice: [
            "measure loss between the two hosts hop by hop, for example with mtr in both directions",
            "look at the counters of the nodes' devices and of what is between them",
        ],
        checks: [
            "whether only certain peers are affected: the labels of skoop_flow_retransmits_total"
        ])
}
