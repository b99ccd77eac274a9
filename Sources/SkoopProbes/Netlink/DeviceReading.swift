// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// The devices and queueing disciplines of all namespaces at one moment.
struct DeviceReading: Sendable {
    /// One namespace of the inventory.
    struct Namespace: Sendable {
        var key: NamespaceKey
        var entity: EntityTable.Index
        /// Its devices' places in ``DeviceReading/devices``; `nil` where they could not be read.
        var devices: Range<Int>?
        /// Its queueing disciplines' places; `nil` where they could not be read, or nobody wants them.
        var qdiscs: Range<Int>?
    }

    /// A device, without its counters.
    struct Device: Sendable {
        var index: UInt32
        var name: String
        /// Whether it is part of the namespace's sum, see ``LinkSelection``.
        var isCounted: Bool
        /// Whether it is shown as a device of its own: all but loopback and, on the node, the other ends of pods' devices.
        var isListed: Bool
    }

    /// The namespaces in the order of the inventory; those that are gone are missing.
    var namespaces: [Namespace] = []
    var devices: [Device] = []
    /// `LinkStatistics.width` counters per device.
    var counters: [UInt64] = []
    var qdiscs: [DeviceQdisc] = []

    /// A queueing discipline and the place of its device in ``devices``.
    struct DeviceQdisc: Sendable {
        var qdisc: Qdisc
        var device: Int
    }

    /// Adds what was read of other namespaces.
    mutating func append(_ other: DeviceReading) {
        let (device, qdisc) = (devices.count, qdiscs.count)
        namespaces += other.namespaces.map { namespace in
            var namespace = namespace
            namespace.devices = namespace.devices.map { $0.lowerBound + device..<$0.upperBound + device }
            namespace.qdiscs = namespace.qdiscs.map { $0.lowerBound + qdisc..<$0.upperBound + qdisc }
            return namespace
        }
        devices += other.devices
        counters += other.counters
        qdiscs += other.qdiscs.map { DeviceQdisc(qdisc: $0.qdisc, device: $0.device + device) }
    }
}
