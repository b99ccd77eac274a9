// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A device cannot send what is given to it: its queueing discipline is full.
public enum EgressSaturatedCase: Case {
    public static let arises =
        "More is to be sent than the device, its shaper or the bandwidth limit of the pod allows. Packets "
        + "wait in the queueing discipline, and what does not fit is dropped."

    public static let reproduction =
        "Traffic through a slow token bucket, TCP and UDP."

    public static let rule = Rule(
        "egress-saturated", guides: [.loss, .jitter, .capacity],
        symptom: "everything that this side sends is slow, throughput has a ceiling",
        cause: "a device or its shaper is saturated: packets wait in the queueing discipline or are dropped "
            + "there",
        when: (Quantity.increase(Measure(QdiscMetric.drops)) >= 5
            && .ratio(Measure(QdiscMetric.drops), Measure(QdiscMetric.packets)) >= 0.002)
            || (Quantity.above(Measure(NetifTxLatencyExtraMetric.qdisc), 0.1) >= 10
                && .shareAbove(Measure(NetifTxLatencyExtraMetric.qdisc), 0.1) >= 0.05),
        confidence: 0.8,
        supports: [
            Clue(
                Quantity.increase(Common.drops("QDISC_DROP", "QDISC_OVERLIMIT", "TC_EGRESS")) >= 1,
                "the kernel dropped packets for this reason"),
            Clue(
                Quantity.above(Measure(NetifTxLatencyExtraMetric.qdisc), 0.1) >= 5,
                "packets waited for more than 100 ms"),
        ],
        explains: Common.lost + ["udp-send-errors", "netdev-drops", "slow-netfilter", "slow-reader"],
        advice: [
            "raise the bandwidth limit of the pod, or send less: tc -s qdisc in the namespace and on the "
                + "node",
            "a queue that is shorter or fairer (fq_codel) keeps the others fast",
        ],
        checks: [
            "who sends most: skoop_flow_bytes_total"
        ])
}
