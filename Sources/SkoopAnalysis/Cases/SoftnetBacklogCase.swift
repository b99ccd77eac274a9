// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The queue between interrupt and network stack overflows.
public enum SoftnetBacklogCase: Case {
    public static let arises =
        "Packets come faster than one CPU can work on them: all of a device's interrupts on one CPU, or "
        + "net.core.netdev_max_backlog too small for bursts through veth devices."

    public static let reproduction =
        "Bursts through a veth pair with a small net.core.netdev_max_backlog."

    public static let rule = Rule(
        "softnet-backlog", guides: [.loss, .jitter], scope: .node,
        symptom: "loss under load that no device counts",
        cause: "a CPU's receive backlog overflowed",
        // A few among millions harm nobody, and do not explain what the node's pods go through.
        when: Quantity.increase(Measure(SoftnetMetric.dropped)) >= 10
            && .ratio(Measure(SoftnetMetric.dropped), Measure(SoftnetMetric.processed)) >= 0.0005,
        confidence: 0.8,
        supports: [
            Clue(
                Quantity.increase(Common.drops("CPU_BACKLOG")) >= 1, weight: 0.5,
                "the kernel dropped packets for this reason"),
            Clue(
                Quantity.change(Measure(SoftnetMetric.processed), floor: 100) >= 2, weight: 0.3,
                "more packets came than usual"),
            Common.firstCPUOnly,
        ],
        explains: Common.lost + ["netdev-drops", "udp-send-errors"],
        advice: [
            "raise net.core.netdev_max_backlog, spread receiving over CPUs (RSS, RPS)"
        ],
        checks: [
            "which CPU: skoop_softnet_dropped_total"
        ])
}
