// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// How long packets wait in queueing disciplines and in the hands of drivers.
public enum NetifTxLatencyExtraMetric: String, MetricSet {
    case qdisc, driver

    public static let probe = NetifTxLatencyMetric.probe
    public static let isExtension = true
    public static let summary = "how long packets wait in queueing disciplines and in the hands of drivers"

    public var definition: MetricDefinition {
        switch self {
        case .qdisc:
            .latencies(
                "how long packets waited in a device's queueing discipline", name: "skoop_netiftxlat_qdisc_seconds",
                source: "tracepoints net:net_dev_queue to qdisc:qdisc_dequeue, or to net:net_dev_start_xmit where the "
                    + "queue was empty; not of devices that queue nothing",
                rise: "A queue grows: the device is saturated, shaped, or stopped by its driver.")
        case .driver:
            .latencies(
                "how long a device's driver took to send a packet", name: "skoop_netiftxlat_driver_seconds",
                source: "tracepoints net:net_dev_start_xmit to net:net_dev_xmit; of a tunnel with the devices below it",
                rise: "The driver, or the hypervisor behind a virtual device, holds up sending.")
        }
    }
}
