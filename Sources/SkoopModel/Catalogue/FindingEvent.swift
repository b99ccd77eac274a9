// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Causes of trouble that the agent finds by itself.
public enum FindingEvent: String, EventSet {
    case found = "Finding"
    case ended = "FindingEnded"

    public static let probe = AnalysisMetric.probe
    public static let summary = AnalysisMetric.summary

    public var definition: EventDefinition {
        EventDefinition(
            self == .found
                ? "a cause of trouble was found" : "a cause of trouble that was found has not been seen for a while",
            labels: .entity,
            fields: [
                EventField("case", .string, "the case in short, for example listen-overflow"),
                EventField("cause", .string, "the cause in words"),
                EventField("symptom", .string, "what users notice of it"),
                EventField("confidence", .integer, "how certain it is, in percent"),
                EventField("evidence", .list, "what was seen, with thresholds"),
                EventField("advice", .list, "what to do"),
                EventField("explains", .list, "other cases that are consequences of it"),
                EventField("duration_ns", .duration, "for how long it was seen"),
            ],
            source: "the agent's analysis of metrics and events",
            suggests: "Do what the advice says; the page /findings has all of the proof.")
    }
}
