// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Long packets vanish on the way and nobody says so.
public enum MTUBlackHoleCase: Case {
    public static let arises =
        "Somewhere on the path packets must be shorter than the device allows - a tunnel, a VPN, an overlay - "
        + "and the ICMP message that would tell is dropped. Handshakes and small requests work, everything "
        + "large stalls."

    public static let reproduction =
        "A router behind which packets must be shorter and whose ICMP messages are dropped."

    /// So many of them that one that was lost by chance says nothing.
    private static let many = Quantity.events(Common.repeatedTimeouts) >= 10

    public static let rule = Rule(
        "mtu-black-hole", guides: [.http, .loss, .jitter],
        symptom: "connections are established, small requests work, large ones hang",
        cause: "long packets vanish on the way: a smaller MTU somewhere, whose ICMP messages do not come "
            + "through",
        // One that stood still for a second looks the same for a second, and tells later that all had arrived.
        when: (Quantity.events(Common.longTimeouts) >= 3 && Quantity.lasting(Common.repeatedTimeouts) >= 2
            && Quantity.events(Common.repeatedTimeouts) >= 2
            && (Quantity.events(Common.recoveries) < 1
                || (many && .ratio(Common.retransmits("fast", "slowstart"), Common.retransmits("timeout")) <= 0.1))
            && (Quantity.events(Common.shortTimeouts) < 1 || (many && Quantity.events(Common.shortTimeouts) < 3))
            && .ratio(Measure(TCPExtExtraMetric.duplicateReceived), Common.retransmitted) < 0.3
            && .ratio(Common.synRetransmits, Common.retransmitted) < 0.2)
            || Quantity.increase(Measure(TCPExtMetric.tcpmtupfail)) >= 3,
        confidence: 0.65,
        supports: [
            Clue(
                Quantity.increase(Measure(TCPExtMetric.tcpmtupfail)) >= 1,
                "probes of the path's MTU were lost")
        ],
        contradicts: [
            Clue(
                Quantity.events(Common.recoveries) >= 1, weight: 0.5,
                "acknowledgements asked for segments that were lost, as they do where only some are lost"),
            Clue(
                Quantity.events(Common.shortTimeouts) >= 1, weight: 0.5,
                "short segments were lost too"),
        ],
        explains: ["path-loss", "peer-gone", "peer-reads-slowly"],
        advice: [
            "find the smallest MTU: ping -M do -s SIZE, tracepath",
            "let ICMP \"fragmentation needed\" and \"packet too big\" pass, or clamp the MSS (TCPMSS "
                + "--clamp-mss-to-pmtu)",
            "net.ipv4.tcp_mtu_probing lets TCP find out by itself",
        ],
        checks: [
            "whether segments above a certain length are never acknowledged: ss -ti"
        ])
}
