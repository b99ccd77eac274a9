// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// A queueing discipline for as long as it is attached at its place.
struct QdiscKey: Hashable, Sendable {
    var device: DeviceKey
    var handle: UInt32
    var parent: UInt32
    var kind: String

    init(_ entry: DeviceReading.DeviceQdisc, in namespace: NamespaceKey, of reading: DeviceReading) {
        device = DeviceKey(reading.devices[entry.device], in: namespace)
        handle = entry.qdisc.handle
        parent = entry.qdisc.parent
        kind = entry.qdisc.kind
    }

    /// How many counters a discipline has: bytes, packets, drops, overlimits, requeues.
    static let width = 5
    /// How many of them a namespace's sum has.
    static let sumWidth = 4
    /// Those that the kernel holds in 32 bits (`struct gnet_stats_queue`).
    static let narrow = 2..<5

    static func counters(_ qdisc: Qdisc) -> [UInt64] {
        [qdisc.bytes, qdisc.packets, UInt64(qdisc.drops), UInt64(qdisc.overlimits), UInt64(qdisc.requeues)]
    }
}

/// All disciplines of one kind on one device.
struct QdiscKindKey: Hashable, Sendable {
    var device: DeviceKey
    var kind: String
}

/// What waits in all disciplines of one kind on one device.
struct QdiscKindRow {
    var entity: EntityTable.Index
    var device: String
    /// Where it comes in the order of the namespaces.
    var place: Int
    var length: UInt64 = 0
    var backlog: UInt64 = 0

    mutating func add(_ qdisc: Qdisc) {
        length += UInt64(qdisc.length)
        backlog += UInt64(qdisc.backlog)
    }
}

extension DeviceReading {
    /// Whether a discipline is part of its namespace's sum.
    func counts(_ entry: DeviceQdisc) -> Bool { entry.qdisc.isRoot && devices[entry.device].isCounted }
}
