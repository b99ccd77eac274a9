// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// How long block requests take, by what they do.
public enum BioLatencyMetric: String, MetricSet {
    case latency

    public static let probe = "biolatency"
    public static let summary = "how long reads and writes of disks take"

    public var definition: MetricDefinition {
        .latencies(
            "how long requests to disks took, for whoever sent them", name: "skoop_bio_latency_seconds",
            labels: .entity(extra: ["operation"]), source: "tracepoints block:block_io_start to block:block_io_done",
            rise: "Disks are slow or overloaded. Processes that wait for them answer late, which looks like network "
                + "latency. Data written back later counts for the node.")
    }
}
