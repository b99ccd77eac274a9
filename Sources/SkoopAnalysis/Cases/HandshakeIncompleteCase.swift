// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Clients do not finish their handshakes.
public enum HandshakeIncompleteCase: Case {
    public static let arises =
        "The SYN-ACK is sent and the last ACK does not come: the way back is broken, a firewall drops it, or "
        + "the sources are forged."

    public static let reproduction =
        "SYN-ACKs that vanish on the way to a client that is not watched."

    public static let rule = Rule(
        "handshake-incomplete", guides: [.http],
        symptom: "clients cannot connect, or only after a second or more",
        cause: "handshakes are not finished: SYN-ACKs or the ACKs after them vanish",
        when: Quantity.increase(Common.retransmits("synack")) >= 5
            && .ratio(Common.retransmits("synack"), Common.passiveOpens) >= 0.1,
        confidence: 0.6,
        supports: [
            Clue(
                Quantity.increase(Measure(TCPExtMetric.tcpackskippedsynrecv)) >= 1, weight: 0.3,
                "segments that do not fit came for handshakes that were not finished")
        ],
        advice: [
            "follow the SYN-ACK to the client: routing back, firewalls, NAT"
        ],
        checks: [
            "whether the sources of the SYNs exist"
        ])
}
