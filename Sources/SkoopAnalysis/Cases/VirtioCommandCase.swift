// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Customer case: commands to the virtual network device hold a CPU while many pods come and go.
public enum VirtioCommandCase: Case {
    public static let arises =
        "Creating and deleting pods changes addresses and filters of the virtio device. The driver waits for "
        + "the hypervisor without letting go of the CPU, up to hundreds of milliseconds; whoever else needs "
        + "that CPU waits as long. A Redis saw round trips above 300 ms."

    public static let reproduction =
        "A guest whose network card is slow to obey: the hypervisor answers commands to set the number of queues "
        + "after 50 to 350 ms. Played on each of the kernels that are tested in guests, beside one whose "
        + "commands are answered at once."

    public static let rule = Rule(
        "virtio-command", guides: [.jitter], scope: .node,
        symptom: "round trips of more than 300 ms now and then, not to be reproduced; at the same time pods "
            + "come and go",
        cause: "control commands to the virtio network device held a CPU",
        when: Quantity.above(Measure(VirtcmdLatencyExtraMetric.duration), 0.032768) >= 1
            || Quantity.increase(Measure(VirtcmdLatencyMetric.latency)) >= 1,
        confidence: 0.7,
        supports: [
            Clue(
                Quantity.above(Measure(VirtcmdLatencyExtraMetric.duration), 0.262144) >= 1, weight: 2,
                "commands took more than 262 ms (slot 18)"),
            Clue(
                Quantity.above(Measure(VirtcmdLatencyExtraMetric.duration), 0.032768) >= 1,
                "commands took more than 32 ms (slot 15)"),
        ],
        contradicts: [
            Clue(
                Quantity.above(Measure(VirtcmdLatencyExtraMetric.duration), 0.032768) < 1, weight: 4,
                "no command took more than 32 ms")
        ],
        explains: ["cpu-contention", "softirq-starvation", "connect-slow", "dns-slow"],
        advice: [
            "spread the creation and deletion of pods over time",
            "give latency-critical pods nodes without such churn",
        ],
        checks: [
            "how many pods came and went on the node at this time"
        ])
}
