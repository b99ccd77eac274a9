// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Datagrams come for a port at which nobody listens.
public enum UDPClosedPortCase: Case {
    public static let arises =
        "The server is down or listens elsewhere while clients go on sending; the kernel answers that the "
        + "port cannot be reached."

    public static let reproduction =
        "Datagrams to a port without a socket."

    public static let rule = Rule(
        "udp-closed-port", guides: [.dns, .loss],
        symptom: "datagrams are lost; clients see connection refused on a UDP socket, or nothing",
        cause: "datagrams come for a UDP port at which nobody listens",
        when: Quantity.increase(Common.udpNoPorts) >= 3 && .ratio(Common.udpNoPorts, Common.udpSent) > 1,
        confidence: 0.75,
        supports: [
            Clue(
                Quantity.increase(Common.drops("NO_SOCKET", "UDP_NO_SOCKET")) >= 3, weight: 0.5,
                "the kernel dropped packets for this reason")
        ],
        explains: ["dns-no-answer", "dns-retries"],
        advice: [
            "check that the server runs and listens at this port and address: ss -lun"
        ],
        checks: [
            "source and port of the events PacketLoss with reason NO_SOCKET"
        ])
}
