// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Packets that were slow between queueing discipline and device, one by one.
public enum NetifTxLatencyEvent: String, EventSet {
    case qdisc = "NETIFTXLAT_QDISC"
    case driver = "NETIFTXLAT_XMIT"

    public static let probe = NetifTxLatencyMetric.probe
    public static let probeAliases = NetifTxLatencyMetric.probeAliases
    public static let summary = NetifTxLatencyMetric.summary

    public var definition: EventDefinition {
        switch self {
        case .qdisc:
            EventDefinition(
                "a packet waited in a queueing discipline for longer than the threshold", labels: .entity,
                fields: Self.fields, source: "tracepoints net:net_dev_queue to qdisc:qdisc_dequeue",
                suggests: "The queue in front of this packet was long: the device is saturated, shaped, or was stopped."
            )
        case .driver:
            EventDefinition(
                "a driver took longer than the threshold to send a packet", labels: .entity, fields: Self.fields,
                source: "tracepoints net:net_dev_start_xmit to net:net_dev_xmit",
                suggests: "The driver, or the hypervisor behind a virtual device, held up sending.")
        }
    }

    private static let fields = [
        EventField("device", .integer, "the device's index in the network namespace"),
        EventField("length", .integer, "the packet's bytes; more than the MTU where the device cuts it up"),
        EventField("latency_ns", .duration, "how long it waited, or how long sending it took"),
    ]
}
