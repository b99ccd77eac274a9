// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A device drops packets.
public enum NetdevDropsCase: Case {
    public static let arises =
        "The receive ring overflows, a veth's other end cannot take more, or the device gets what nobody "
        + "handles."

    public static let reproduction =
        "By made-up evidence only so far."

    public static let rule = Rule(
        "netdev-drops", guides: [.loss, .http],
        symptom: "retransmissions and loss under load",
        cause: "a network device drops packets",
        when: Quantity.increase(Common.deviceDrops) >= 20 && .ratio(Common.deviceDrops, Common.devicePackets) >= 0.001,
        confidence: 0.55,
        supports: [
            Clue(
                Quantity.increase(Common.retransmitted) >= 5,
                "TCP had to send again")
        ],
        explains: Common.lost + ["udp-send-errors"],
        advice: [
            "enlarge the rings of the device (ethtool -G), spread its interrupts (RSS, RPS)"
        ],
        checks: [
            "ethtool -S of the device: which counter grows"
        ])
}
