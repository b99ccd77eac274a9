// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// How many tracked connections begin and end, counted while the probe's events are reported.
public enum ConntrackEventMetric: String, MetricSet {
    case events, unanswered

    public static let probe = ConntrackMetric.probe
    public static let isExtension = true
    public static let summary = "connections that begin and end to be tracked, while the probe's events are reported"

    public var definition: MetricDefinition {
        switch self {
        case .events:
            .counter(
                "what connection tracking has told, by kind such as new or destroy; only while the probe's events are reported",
                name: "skoop_conntrack_events_total", labels: .entity(extra: ["event", "protocol"]),
                source: "multicast groups of nfnetlink (NFNLGRP_CONNTRACK_*)",
                rise:
                    "New: more connections, or clients that do not reuse them. The table fills when they come faster than "
                    + "they are forgotten.")
        case .unanswered:
            .counter(
                "tracked connections that ended without any answer; only while the probe's events are reported",
                name: "skoop_conntrack_unanswered_total", labels: .entity(extra: ["protocol"]),
                source: "multicast group NFNLGRP_CONNTRACK_DESTROY of nfnetlink, entries without IPS_SEEN_REPLY",
                rise:
                    "Nobody answers: the destination or the way to it or back is broken, or packets are dropped behind "
                    + "connection tracking. Datagrams that need no answer count too.")
        }
    }
}
