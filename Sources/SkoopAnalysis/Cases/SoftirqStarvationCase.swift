// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The node's CPUs do not get to network work.
public enum SoftirqStarvationCase: Case {
    public static let arises =
        "A process that does not let go of its CPU - a real-time task, a driver with interrupts off, a "
        + "hypervisor that takes the CPU away - keeps the kernel from receiving packets."

    public static let reproduction =
        "A CPU that receives for the server is kept in the kernel with softirqs off, for 120 to 250 ms at a time."

    public static let rule = Rule(
        "softirq-starvation", guides: [.jitter, .loss], scope: .node,
        symptom: "all pods of the node see latencies of 100 ms and more at the same time",
        cause: "network softirqs begin late: a CPU is kept from receiving packets",
        when: Quantity.increase(Measure(SoftirqMetric.schedslow100ms).where("softirq_type", "net_rx")) >= 1
            || Quantity.above(Measure(SoftirqExtraMetric.latency).where("softirq_type", "net_rx"), 0.06) >= 3,
        confidence: 0.75,
        supports: [Common.firstCPUOnly],
        // Whatever waits for such a CPU waits, too: tasks, and what disks have done.
        explains: [
            "connect-slow", "dns-slow", "dns-late-answer", "slow-netfilter", "slow-reader", "peer-reads-slowly",
            "path-loss", "cpu-contention", "disk-latency",
        ] + Common.slowUpstreams,
        advice: [
            "find the process in the events SOFTIRQ_SCHED_100MS; take its real-time priority away, or "
                + "keep it off the CPUs of network interrupts"
        ],
        checks: [
            "steal time of the virtual machine"
        ])
}
