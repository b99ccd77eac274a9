// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Time stamps run backwards: several clients behind one translated address.
public enum PAWSCase: Case {
    public static let arises =
        "TCP drops segments whose time stamp is older than the last one (PAWS). Behind NAT several clients "
        + "with different clocks have one address; connections in TIME_WAIT, and load balancers that reuse "
        + "connections, mix them up."

    public static let reproduction =
        "Segments with old time stamps on established connections."

    public static let rule = Rule(
        "paws", guides: [.reset, .http],
        symptom: "some clients cannot connect or stall, those behind one address above all",
        cause: "segments are dropped because their time stamps run backwards: clients behind NAT, or mixed "
            + "connections",
        when: Quantity.increase(Common.paws) >= 3,
        confidence: 0.8,
        supports: [
            Clue(
                Quantity.increase(Common.drops("TCP_RFC7323_PAWS", "TCP_RFC7323_PAWS_ACK", "TCP_RFC7323_TW_PAWS")) >= 1,
                weight: 0.5,
                "the kernel dropped packets for this reason"),
            Clue(
                Quantity.increase(Measure(TCPExtMetric.tcpackskippedpaws)) >= 1, weight: 0.3,
                "there were so many that not all of them were answered"),
        ],
        explains: ["path-loss", "connect-unanswered", "connect-slow", "handshake-incomplete"],
        advice: [
            "give clients behind NAT addresses of their own, or switch time stamps off "
                + "(net.ipv4.tcp_timestamps) on the server",
            "never use net.ipv4.tcp_tw_recycle on old kernels",
        ],
        checks: [
            "the source addresses of the drops with reason TCP_RFC7323_PAWS"
        ])
}
