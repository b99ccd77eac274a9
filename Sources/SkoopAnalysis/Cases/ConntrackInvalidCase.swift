// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Connection tracking finds packets invalid, and rules drop them.
public enum ConntrackInvalidCase: Case {
    public static let arises =
        "Packets of a connection that is not in the table - it expired, was flushed, or the way back leads "
        + "elsewhere - or out of its window are INVALID. They are not translated, and common rules drop them."

    public static let reproduction =
        "Tracking begins, strictly, in the middle of connections, and a rule drops what is invalid."

    public static let rule = Rule(
        "conntrack-invalid", guides: [.loss, .reset, .http],
        symptom: "established connections stall or are reset, new ones work",
        cause: "connection tracking takes packets for invalid: they are dropped or not translated",
        when: Quantity.increase(Measure(ConntrackMetric.invalid)) >= 5
            && .ratio(Measure(ConntrackMetric.invalid), Measure(IPMetric.inreceives, IP6Metric.inReceives)) >= 0.005,
        confidence: 0.55,
        supports: [
            Clue(
                Quantity.increase(Common.retransmitted) >= 5,
                "TCP had to send again"),
            Clue(
                Quantity.increase(Common.drops("NETFILTER_DROP")) >= 3, weight: 1.5,
                "rules drop packets here"),
        ],
        contradicts: [
            Clue(
                Quantity.increase(Common.drops("NETFILTER_DROP")) < 1 && Quantity.increase(Common.retransmitted) < 3,
                weight: 2,
                "nothing was lost by it")
        ],
        explains: Common.lost + ["netfilter-drop", "connection-unknown"],
        advice: [
            "look for asymmetric routing, and for expired entries of idle connections (keep-alive "
                + "intervals)",
            "net.netfilter.nf_conntrack_tcp_be_liberal lets packets out of window pass",
        ],
        checks: [
            "conntrack -L for the connection, and the rules that mention ct state invalid"
        ])
}
