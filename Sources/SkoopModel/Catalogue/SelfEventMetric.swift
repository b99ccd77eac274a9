// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// What the agent tells of its events: how many there were, and what became of them.
public enum SelfEventMetric: String, MetricSet {
    case emitted = "skoop_events_emitted_total"
    case reported = "skoop_events_reported_total"
    case lost = "skoop_events_lost_total"
    case delivered = "skoop_events_delivered_total"
    case undelivered = "skoop_events_undelivered_total"
    case queued = "skoop_events_queued"
    case sinkFailures = "skoop_event_sink_failures_total"
    case sinkUp = "skoop_event_sink_up"

    public static let probe = SelfMetric.probe
    public static let isExtension = true
    public static let summary = "the agent's events"

    public var definition: MetricDefinition {
        switch self {
        case .emitted:
            count(
                "events that the kernel had for the probe, lost ones included", labels: ["probe"],
                rise: "What the probe watches for happens.")
        case .reported:
            count(
                "events of the probe that were reported, folded repeats by their number", labels: ["probe"],
                rise: "What the probe watches for happens. Less than emitted means that some were lost.")
        case .lost:
            count(
                "events of the probe that were not reported, by cause", labels: ["probe", "cause"],
                rise: "More events than limits.eventRate allows (rate-limited), or than could be read (ring-full).")
        case .delivered:
            count(
                "events of the probe that the sink has delivered, folded repeats by their number",
                labels: ["sink", "probe"], rise: "Events are reported.")
        case .undelivered:
            count(
                "events of the probe that the sink has lost, by cause, folded repeats by their number",
                labels: ["sink", "probe", "cause"],
                rise: "The sink is slower than events come (queue-full, spool-full), or its receiver refuses them.")
        case .queued:
            .gauge(
                "events of the probe that wait for the sink, folded repeats by their number", name: rawValue,
                labels: .node(extra: ["sink", "probe"]), source: "the agent",
                rise: "The sink is slow or does not work; the status page says why.")
        case .sinkFailures:
            count(
                "deliveries of the sink that did not work, by reason", labels: ["sink", "reason"],
                rise: "The receiver cannot be reached or does not take events; they wait or are lost.")
        case .sinkUp:
            .gauge(
                "whether the sink takes events: 1 if so, else 0", name: rawValue, labels: .node(extra: ["sink"]),
                source: "the agent", rise: "A sink works again. At 0 events wait or get lost.")
        }
    }

    private func count(_ help: String, labels: [String], rise: String) -> MetricDefinition {
        .counter(help, name: rawValue, labels: .node(extra: labels), source: "the agent", rise: rise)
    }
}
