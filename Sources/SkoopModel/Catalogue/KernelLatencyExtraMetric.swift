// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// How long packets take through the kernel's IP layer, as a whole and in stages.
public enum KernelLatencyExtraMetric: String, MetricSet {
    case total, stage

    public static let probe = KernelLatencyMetric.probe
    public static let isExtension = true
    public static let summary = "how long packets take through the kernel's IP layer"

    public var definition: MetricDefinition {
        switch self {
        case .total:
            .latencies(
                "how long packets took through the IP layer, by direction (rx, tx, forward)",
                name: "skoop_kernellatency_seconds", labels: .entity(extra: ["direction"]),
                source: "rx: tracepoint net:netif_receive_skb to the end of netfilter's LOCAL_IN; tx: the transport "
                    + "layer's hand-over to tracepoint net:net_dev_queue; forward: from one tracepoint to the other",
                rise: "Packets are held up in the kernel: long chains of netfilter rules, a queue to user space, "
                    + "neighbours that do not answer, or a CPU kept from its work. The stages say where.")
        case .stage:
            .latencies(
                "how long packets took in one stage of the IP layer", name: "skoop_kernellatency_stage_seconds",
                labels: .entity(extra: ["direction", "stage"]),
                source: "as skoop_kernellatency_seconds; between the functions or the netfilter hooks of the IP layer",
                rise: "PREROUTING, LOCAL_IN, FORWARD, LOCAL_OUT and POSTROUTING: the rules of that netfilter hook are "
                    + "slow. ROUTE: the look-up of routes. NEIGHBOUR: the address of the next hop had to be asked for.")
        }
    }
}
