// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Traffic, errors and drops of each network namespace's devices, summed so that a packet counts once: over the devices
/// that stand on no others, on the node over the hardware. Single devices are in ``NetdevDeviceMetric``.
public enum NetdevMetric: String, MetricSet {
    case rxbytes, rxerrors, rxpackets, rxdropped, txbytes, txerrors, txpackets, txdropped

    public static let probe = "netdev"
    public static let summary = "bytes, packets, errors and drops of each network namespace's devices"

    public var definition: MetricDefinition {
        switch self {
        case .rxbytes:
            count(
                "bytes received", "rx_bytes", unit: .bytes,
                rise: "Traffic; compare with the device's or the instance's bandwidth.")
        case .rxerrors:
            count(
                "packets received with an error", "rx_errors",
                rise: "Frames arrive damaged or overrun the device: cable, optics, driver, or ring buffers too small.")
        case .rxpackets:
            count("packets received", "rx_packets", rise: "Traffic; many small packets cost CPU, not bandwidth.")
        case .rxdropped:
            count(
                "packets dropped on receipt or for want of a receiver", "rx_dropped + rx_missed_errors",
                rise:
                    "The receive path is short of buffers or CPU, or packets of unknown protocols or foreign VLANs arrive.",
                correction: Self.drops)
        case .txbytes:
            count(
                "bytes sent", "tx_bytes", unit: .bytes,
                rise: "Traffic; compare with the device's or the instance's bandwidth.")
        case .txerrors:
            count(
                "packets that failed to be sent", "tx_errors",
                rise: "The link is down, the driver fails, or a tunnel device has no route to its remote end.")
        case .txpackets:
            count("packets sent", "tx_packets", rise: "Traffic; many small packets cost CPU, not bandwidth.")
        case .txdropped:
            count(
                "packets dropped by the device before sending", "tx_dropped",
                rise:
                    "The device's queue is full or its peer is down, for a veth pair also when the other end's backlog is full.",
                correction: Self.drops)
        }
    }

    private static let sum =
        "not the sum over every device: a packet on a VLAN, a bond or a bridge counts once, and on the node what passes "
        + "the pods' devices is left to the pods"
    private static let drops =
        "drops of the interface and its driver only: what the IP and TCP layers or netfilter drop is not contained"

    private func count(
        _ help: String, _ field: String, unit: Metric.Unit = .none, rise: String, correction: String? = nil
    ) -> MetricDefinition {
        .counter(
            "\(help), over the namespace's devices that stand on no others, but loopback", unit: unit,
            source: "/proc/net/dev (rtnl_link_stats64.\(field))", rise: rise,
            correction: correction ?? Self.sum)
    }
}
