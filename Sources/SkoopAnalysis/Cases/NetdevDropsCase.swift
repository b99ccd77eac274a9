// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A device drops packets.
public enum NetdevDropsCase: Case {
    public static let arises =
        "The receive ring overflows, a tunnel's process is slow, or a veth's other end cannot take more. Devices also count what nobody handles - "
        + "frames of unknown protocols or VLANs - which hurts nobody: drops alone are no cause, only where somebody has to "
        + "send again or has no answer."

    public static let reproduction =
        "A tunnel (TUN) whose process takes its time with every packet, so that the devices' queues overflow."

    public static let rule = Rule(
        "netdev-drops", guides: [.loss, .http],
        symptom: "retransmissions and loss under load",
        cause: "a network device drops packets",
        when: Quantity.increase(Common.deviceDrops) >= 20 && .ratio(Common.deviceDrops, Common.devicePackets) >= 0.001
            && (Common.suffers || Common.suffers.of(.peer)),
        confidence: 0.55,
        supports: [
            Clue(
                .ratio(Common.retransmitted, Common.sentSegments) >= 0.01,
                "TCP had to send more than one segment in a hundred again"),
            Clue(
                Quantity.increase(Common.drops("FULL_RING")) >= 1,
                "a queue between the kernel and a device's process or other end was full"),
        ],
        // Who waits until everything is sent reads late, too.
        explains: Common.lost + ["udp-send-errors", "slow-reader"],
        advice: [
            "enlarge the rings of the device (ethtool -G), spread its interrupts (RSS, RPS)",
            "of a tunnel, give its process more CPU, and the device a longer queue (txqueuelen)",
        ],
        checks: [
            "ethtool -S of the device: which counter grows"
        ])
}
