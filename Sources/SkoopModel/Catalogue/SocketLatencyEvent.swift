// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Data that waited long in sockets, one by one.
public enum SocketLatencyEvent: String, EventSet {
    case readSlow = "SOCKETLAT_READSLOW"
    case sendSlow = "SOCKETLAT_SENDSLOW"

    public static let probe = SocketLatencyMetric.probe
    public static let summary = SocketLatencyMetric.summary

    public var definition: EventDefinition {
        switch self {
        case .readSlow:
            EventDefinition(
                "data was read long after it had arrived", labels: .entity, fields: Self.fields,
                source: SocketLatencyExtraMetric.read.metric.source,
                suggests:
                    "The network had delivered in time. The process reads late: it is busy, blocked, or throttled.")
        case .sendSlow:
            EventDefinition(
                "data was sent long after it had been written", labels: .entity, fields: Self.fields,
                source: SocketLatencyExtraMetric.write.metric.source,
                suggests:
                    "The peer's window or the congestion window was closed: the other end reads slowly, or packets "
                    + "are lost on the way.")
        }
    }

    private static let fields = [EventField("latency_ns", .duration, "how long the data waited in the socket")]
}
