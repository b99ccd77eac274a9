// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A firewall rule or network policy of this namespace drops packets.
public enum NetfilterDropCase: Case {
    public static let arises =
        "nftables, iptables, a BPF program of a network policy or a full conntrack zone drops packets silently: "
        + "those who send see only that nothing comes back."

    public static let reproduction =
        "Rules that drop at different hooks, for TCP and UDP, all packets or a share; a BPF program on a device."

    public static let rule = Rule(
        "netfilter-drop", guides: [.http, .loss, .dns],
        symptom: "connections or queries get no answer, or stall",
        cause: "packets were dropped here by a firewall rule or network policy",
        when: Quantity.increase(Common.drops("NETFILTER_DROP")) >= 3
            || (Quantity.increase(Common.drops("TC_INGRESS", "XDP")) >= 3
                && (Common.suffers || Common.suffers.of(.peer))),
        confidence: 0.75,
        supports: [
            Clue(
                Quantity.increase(Common.retransmitted) >= 3,
                "TCP had to send again"),
            Clue(
                Quantity.increase(Measure(ConnectMetric.unanswered)) >= 1,
                "attempts to connect have no answer"),
            Clue(
                Quantity.increase(Common.unansweredQueries) >= 1,
                "DNS queries have no answer"),
        ],
        explains: Common.lost + [
            "connect-refused", "connect-prohibited", "connect-unreachable", "conntrack-invalid", "mtu-black-hole",
            "connection-unknown",
        ],
        advice: [
            "find the rule: nft list ruleset with counters, or iptables -vnL, in this namespace; or the program: "
                + "bpftool net",
            "compare with the network policies that select the pod",
        ],
        checks: [
            "the source and destination of the events PacketLoss with reason NETFILTER_DROP, TC_INGRESS or XDP"
        ])
}
