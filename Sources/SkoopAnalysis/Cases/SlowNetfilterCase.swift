// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Rules or queues of netfilter make packets slow.
public enum SlowNetfilterCase: Case {
    public static let arises =
        "Thousands of rules that each packet passes one after the other, or a queue to a process in user "
        + "space that is slow."

    public static let reproduction =
        "A queue to user space that holds each packet for some time."

    public static let rule = Rule(
        "slow-netfilter", guides: [.jitter],
        symptom: "every packet takes milliseconds longer, on this host only",
        cause: "packets take long in netfilter: too many rules, or a queue to user space",
        when: Quantity.above(Common.netfilterStages, 0.008) >= 5,
        confidence: 0.8,
        explains: ["connect-slow", "dns-slow", "dns-late-answer", "path-loss", "peer-reads-slowly"],
        advice: [
            "count the rules (nft list ruleset, iptables-save | wc -l); sets instead of lists; IPVS or "
                + "nftables mode of kube-proxy",
            "look for NFQUEUE rules and the process behind them",
        ],
        checks: [
            "the stage in the events RXKERNEL_SLOW and TXKERNEL_SLOW"
        ])
}
