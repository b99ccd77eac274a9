// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Packets that were slow in the kernel's IP layer, one by one.
public enum KernelLatencyEvent: String, EventSet {
    case received = "RXKERNEL_SLOW"
    case sent = "TXKERNEL_SLOW"
    case forwarded = "FORWARDKERNEL_SLOW"

    public static let probe = KernelLatencyMetric.probe
    public static let summary = KernelLatencyMetric.summary

    public var definition: EventDefinition {
        switch self {
        case .received:
            slow(
                "a received packet took longer than the threshold to its local delivery",
                ["prerouting", "route", "local_in"], source: "tracepoint net:netif_receive_skb to netfilter's LOCAL_IN")
        case .sent:
            slow(
                "a packet to be sent took longer than the threshold to the queue of the device",
                ["local_out", "postrouting", "neighbour"],
                source: "the transport layer's hand-over to tracepoint net:net_dev_queue")
        case .forwarded:
            slow(
                "a packet to be forwarded took longer than the threshold to the queue of the other device",
                ["prerouting", "route", "forward", "postrouting", "neighbour"],
                source: "tracepoint net:netif_receive_skb to tracepoint net:net_dev_queue")
        }
    }

    private func slow(_ help: String, _ stages: [String], source: String) -> EventDefinition {
        EventDefinition(
            help, labels: .entity,
            fields: [EventField("latency_ns", .duration, "how long it took in all")]
                + stages.map { EventField("\($0)_ns", .duration, "of it, \(Self.stages[$0] ?? "")") },
            source: source,
            suggests:
                "The stage that took the time names the cause: rules of a netfilter hook or a queue to user space, "
                + "the look-up of routes, or a neighbour that was slow to answer.")
    }

    private static let stages = [
        "prerouting": "in netfilter's PREROUTING hook",
        "route": "between that and the next hook: the look-up of the route",
        "local_in": "in netfilter's LOCAL_IN hook",
        "forward": "in netfilter's FORWARD hook",
        "local_out": "in netfilter's LOCAL_OUT hook",
        "postrouting": "in netfilter's POSTROUTING hook",
        "neighbour": "waiting for the address of the next hop",
    ]
}
