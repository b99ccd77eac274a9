// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Customer case: kernel and handshakes are fine, but the process is not scheduled, because its CPU limit is used up.
public enum ProcessNotScheduledCase: Case {
    public static let arises =
        "A container that has used up its CPU limit stands still until the next period. The kernel goes on "
        + "for it: connections are established, data arrives and is acknowledged, but nobody reads it and "
        + "nobody answers. Queues grow, connections stay established instead of going to TIME_WAIT, and health "
        + "checks time out."

    public static let reproduction =
        "A real server in a control group with a small CPU quota, under load."

    public static let rule = Rule(
        "process-not-scheduled", guides: [.http, .jitter, .dns],
        symptom: "requests and health checks time out now and then, although the network is fine",
        cause: "the process is not being scheduled: its CPU limit throttles it",
        when: (Quantity.increase(Measure(CPUMetric.throttledPeriods)) >= 5
            && .ratio(Measure(CPUMetric.throttledPeriods), Measure(CPUMetric.periods)) >= 0.25
            && (Quantity.above(Measure(TaskLatencyMetric.latency), 0.03) >= 3
                || (Quantity.above(Measure(SocketLatencyExtraMetric.read), 0.03) >= 3
                    && .shareAbove(Measure(SocketLatencyExtraMetric.read), 0.03) >= 0.005)
                || Quantity.change(Measure(TCPSummaryMetric.tcprxqueue), floor: 2048) >= 3
                || Quantity.increase(Measure(TCPExtMetric.listenoverflows)) >= 1))
            || (Quantity.change(Measure(TCPSummaryMetric.tcprxqueue), floor: 2048) >= 3
                && Quantity.change(Measure(TCPSummaryMetric.tcpestablishedconn), floor: 5) >= 1.3
                && (Quantity.change(Measure(TCPSummaryMetric.tcptxqueue), floor: 2048) >= 3
                    || Quantity.increase(Measure(TCPExtMetric.tcptimeouts)) >= 3)
                && Quantity.increase(Measure(TCPExtMetric.listenoverflows)) < 1),
        confidence: 0.6,
        supports: [
            Clue(
                .ratio(Measure(CPUMetric.throttledPeriods), Measure(CPUMetric.periods)) >= 0.25, weight: 2,
                "the CPU limit was used up in many periods"),
            Clue(
                Quantity.change(Measure(TCPSummaryMetric.tcptimewaitconn), floor: 10) <= 0.7, weight: 0.5,
                "fewer connections come to their end"),
            Clue(
                Quantity.above(Measure(TaskLatencyMetric.latency), 0.05) >= 3, weight: 0.5,
                "it waited for a CPU although it could have run"),
            Common.sendsLess,
        ],
        contradicts: [
            Clue(
                .ratio(Measure(CPUMetric.throttledPeriods), Measure(CPUMetric.periods)) < 0.1, weight: 3,
                "the CPU limit was not used up")
        ],
        explains: Common.waiting + ["cpu-contention"],
        advice: [
            "raise the CPU limit of the container or take it away; allow a burst (cpu.max.burst)",
            "give the runtime no more threads than CPUs that it may use",
        ],
        checks: [
            "skoop_cpu_throttled_periods_total of the pod beside its requests"
        ])
}
