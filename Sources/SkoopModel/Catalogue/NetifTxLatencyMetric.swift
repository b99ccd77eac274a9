// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Packets that waited long in a queueing discipline or in a device's send function.
public enum NetifTxLatencyMetric: String, MetricSet {
    case qdiscslow100ms, netdevslow100ms

    public static let probe = "netiftxlat"
    public static let probeAliases = ["netiftxlatency", "netif_txlatency"]
    public static let summary = "packets that were slow between queueing discipline and device"

    public var definition: MetricDefinition {
        switch self {
        case .qdiscslow100ms:
            .counter(
                "packets that waited more than 100 ms in a queueing discipline",
                source: "tracepoints net:net_dev_queue to net:net_dev_start_xmit",
                rise: "A queue is long: the device is saturated, shaped, or stopped by its driver.")
        case .netdevslow100ms:
            .counter(
                "packets for which the device's send function took more than 100 ms",
                source: "tracepoints net:net_dev_start_xmit to net:net_dev_xmit",
                rise: "The driver, or the hypervisor behind a virtual device, holds up sending.")
        }
    }
}
