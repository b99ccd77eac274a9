// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Packets that took long through the kernel's IP layer.
public enum KernelLatencyMetric: String, MetricSet {
    case rxslow, txslow, rxslow100ms, txslow100ms

    public static let probe = "kernellatency"
    public static let summary = "packets that were slow in the kernel's IP layer"

    public var definition: MetricDefinition {
        switch self {
        case .rxslow: received(10)
        case .rxslow100ms: received(100)
        case .txslow: sent(10)
        case .txslow100ms: sent(100)
        }
    }

    private func received(_ milliseconds: Int) -> MetricDefinition {
        .counter(
            "packets that took more than \(milliseconds) ms from the device's receive path to local delivery",
            source: "time between tracepoint net:netif_receive_skb and ip_local_deliver_finish",
            rise: "Receive processing is held up: long chains of netfilter rules, or a CPU kept from its softirq work.")
    }

    private func sent(_ milliseconds: Int) -> MetricDefinition {
        .counter(
            "packets that took more than \(milliseconds) ms from the transport layer to the queue of the device",
            source: "time between __ip_queue_xmit or ip_local_out and tracepoint net:net_dev_queue",
            rise:
                "Sending is held up: long chains of netfilter rules, a neighbour that is slow to answer, or the sending "
                + "task was preempted on the way.")
    }
}
