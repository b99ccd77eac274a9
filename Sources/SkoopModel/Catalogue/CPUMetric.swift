// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// CPU bandwidth control of the entity's control group, version 1 or 2: whether its processes are kept from running.
public enum CPUMetric: String, MetricSet {
    case periods = "periods_total"
    case throttledPeriods = "throttled_periods_total"
    case throttledSeconds = "throttled_seconds_total"
    case limitCores = "limit_cores"

    public static let probe = "cpu"
    public static let summary = "CPU limits and throttling of each entity's control group"

    public var definition: MetricDefinition {
        switch self {
        case .periods:
            .counter(
                "enforcement periods of the CPU limit in which processes wanted to run", name: name,
                source: "cpu.stat nr_periods",
                rise: "The limited processes are active.")
        case .throttledPeriods:
            .counter(
                "enforcement periods in which the CPU limit was used up", name: name, source: "cpu.stat nr_throttled",
                rise:
                    "Processes stand still until the next period: probes and requests time out although the kernel and the "
                    + "network are fine. Raise the limit or allow bursts.")
        case .throttledSeconds:
            .counter(
                "time that CPUs were withheld because the CPU limit was used up, summed over CPUs", name: name,
                unit: .seconds,
                decimals: 9, source: "cpu.stat throttled_usec (version 2) or throttled_time (version 1)",
                rise: "As with throttled periods; divided by them it tells how long each stop lasts.")
        case .limitCores:
            .gauge(
                "CPU limit in CPUs: quota divided by period, summed over those control groups that have a limit",
                name: name,
                decimals: 3,
                source: "cpu.max (version 2) or cpu.cfs_quota_us and cpu.cfs_period_us (version 1)",
                rise: "The limit was raised.")
        }
    }

    private var name: String { "skoop_cpu_\(rawValue)" }
}
