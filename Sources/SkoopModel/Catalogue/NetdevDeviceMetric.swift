// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Traffic, errors and drops of every network device by itself; an option of the netdev probe.
public enum NetdevDeviceMetric: String, MetricSet {
    case receiveBytes = "receive_bytes"
    case receivePackets = "receive_packets"
    case receiveErrors = "receive_errors"
    case receiveDropped = "receive_dropped"
    case transmitBytes = "transmit_bytes"
    case transmitPackets = "transmit_packets"
    case transmitErrors = "transmit_errors"
    case transmitDropped = "transmit_dropped"

    public static let probe = "netdev"
    public static let isExtension = true
    public static let summary = "bytes, packets, errors and drops of every network device"

    public var definition: MetricDefinition {
        switch self {
        case .receiveBytes: count("bytes received by the device", "rx_bytes", unit: .bytes, rise: "Traffic.")
        case .receivePackets: count("packets received by the device", "rx_packets", rise: "Traffic.")
        case .receiveErrors:
            count(
                "packets the device received with an error", "rx_errors",
                rise: "Frames arrive damaged or overrun the device: cable, optics, driver, or ring buffers too small.")
        case .receiveDropped:
            count(
                "packets dropped on receipt, at the device or for want of a receiver", "rx_dropped + rx_missed_errors",
                rise:
                    "The receive path is short of buffers or CPU, or packets of unknown protocols or foreign VLANs arrive."
            )
        case .transmitBytes: count("bytes sent by the device", "tx_bytes", unit: .bytes, rise: "Traffic.")
        case .transmitPackets: count("packets sent by the device", "tx_packets", rise: "Traffic.")
        case .transmitErrors:
            count(
                "packets the device failed to send", "tx_errors",
                rise: "The link is down, the driver fails, or a tunnel device has no route to its remote end.")
        case .transmitDropped:
            count(
                "packets dropped by the device before sending", "tx_dropped",
                rise:
                    "The device's queue is full or its peer is down, for a veth pair also when the other end's backlog is full."
            )
        }
    }

    private func count(_ help: String, _ field: String, unit: Metric.Unit = .none, rise: String) -> MetricDefinition {
        .counter(
            help, name: "skoop_netdev_device_\(rawValue)_total", unit: unit, labels: .entity(extra: ["device"]),
            source: "/proc/net/dev (rtnl_link_stats64.\(field))", rise: rise)
    }
}
