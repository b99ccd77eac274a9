// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// How long tasks that own sockets wait for a CPU.
public enum TaskLatencyMetric: String, MetricSet {
    case latency

    public static let probe = "tasklatency"
    public static let summary = "how long processes with IP sockets wait for a CPU although they could run"

    public var definition: MetricDefinition {
        .latencies(
            "how long tasks of processes with IP sockets waited for a CPU although they could run",
            name: "skoop_task_latency_seconds", labels: .entity(extra: ["cause"]),
            source: "tracepoints sched:sched_wakeup and sched:sched_switch",
            rise:
                "The process is not scheduled: its CPU quota is used up, its CPUs are overloaded, or a virtual CPU is "
                + "stolen. Requests wait in its sockets meanwhile.")
    }
}
