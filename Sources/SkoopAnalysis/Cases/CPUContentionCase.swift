// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The process waits for a CPU that others use.
public enum CPUContentionCase: Case {
    public static let arises =
        "The node has more to do than CPUs, or a process of higher priority - a real-time task, an interrupt "
        + "storm - keeps a CPU for long. What could run has to wait."

    public static let reproduction =
        "Processes that spin on the CPUs of the one that is watched, with real-time priority and without."

    public static let rule = Rule(
        "cpu-contention", guides: [.jitter, .dns],
        symptom: "requests take tens to hundreds of milliseconds longer now and then",
        cause: "processes wait for a CPU: the node is overloaded, or something of higher priority keeps a "
            + "CPU",
        // Shorter or rarer waits count where something waited for whoever waits.
        when: Quantity.above(Measure(TaskLatencyMetric.latency), 0.13) >= 10
            || (Quantity.above(Measure(TaskLatencyMetric.latency), 0.06) >= 5
                && Quantity.above(Measure(SocketLatencyExtraMetric.read), 0.06) >= 5),
        confidence: 0.7,
        supports: [
            Clue(
                Quantity.above(Measure(SocketLatencyExtraMetric.read), 0.05) >= 3, weight: 0.5,
                "data waited to be read"),
            Common.sendsLess,
        ],
        contradicts: [
            Clue(
                .ratio(Measure(CPUMetric.throttledPeriods), Measure(CPUMetric.periods)) >= 0.1, weight: 2,
                "its own CPU limit was used up"),
            Clue(
                Quantity.above(Measure(TaskLatencyMetric.latency), 0.13) < 10, weight: 0.5,
                "few waits were longer than a tenth of a second"),
        ],
        explains: [
            "listen-overflow", "slow-reader", "peer-reads-slowly", "dns-slow", "upstream-slow", "upstream-body-slow",
            "upstream-answer-timeout", "client-gave-up", "client-slow",
        ],
        advice: [
            "look for what keeps the CPUs: top, chrt -p, interrupts; give the pod CPUs of its own"
        ],
        checks: [
            "the process in the events TASKLATENCY_SLOW and the CPU it waited for"
        ])
}
