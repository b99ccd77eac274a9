// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Slow block requests, one by one.
public enum BioLatencyEvent: String, EventSet {
    case slow = "BIOLAT_10MS"

    public static let probe = BioLatencyMetric.probe
    public static let summary = BioLatencyMetric.summary

    public var definition: EventDefinition {
        EventDefinition(
            "a request to a disk took longer than the threshold, 10 ms by default", labels: .fields(),
            fields: [
                EventField("operation", .string, "read, write, flush, discard or other"),
                EventField("disk", .string, "the disk's name"),
                EventField("sector", .integer, "where it began, in sectors of 512 bytes"),
                EventField("latency_ns", .duration, "how long it took"),
            ],
            source: BioLatencyMetric.latency.metric.source,
            suggests: "The disk was slow or overloaded. The process that waited for it did nothing else meanwhile.")
    }
}
