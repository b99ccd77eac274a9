// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Tasks that waited long for a CPU, one by one.
public enum TaskLatencyEvent: String, EventSet {
    case slow = "TASKLATENCY_SLOW"

    public static let probe = TaskLatencyMetric.probe
    public static let summary = TaskLatencyMetric.summary

    public var definition: EventDefinition {
        EventDefinition(
            "a task of a process with IP sockets waited long for a CPU although it could run", labels: .entity,
            fields: [
                EventField(
                    "cause", .string, "woken: what it slept for had happened; preempted: it was taken off its CPU"),
                EventField("cpu", .integer, "the CPU that it got in the end"),
                EventField("latency_ns", .duration, "how long it waited"),
            ],
            source: TaskLatencyMetric.latency.metric.source,
            suggests:
                "Whatever the process was to answer waited as long. Look for CPU throttling of its control group, "
                + "then for load on its CPUs.")
    }
}
