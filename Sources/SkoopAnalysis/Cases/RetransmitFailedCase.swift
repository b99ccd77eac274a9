// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// TCP could not even send again.
public enum RetransmitFailedCase: Case {
    public static let arises =
        "The retransmission failed on this host: the queueing discipline refused it, the route is gone, "
        + "memory is short, or the device is down."

    public static let reproduction =
        "By made-up evidence only so far."

    public static let rule = Rule(
        "retransmit-failed", guides: [.loss, .http],
        symptom: "connections stall",
        cause: "retransmissions fail on this host itself",
        when: Quantity.increase(Measure(TCPExtMetric.tcpretransfail)) >= 3,
        confidence: 0.65,
        explains: ["path-loss", "peer-gone"],
        advice: [
            "check the route to the peer, the device and its queueing discipline"
        ],
        checks: [
            "ip route get PEER, tc -s qdisc"
        ])
}
