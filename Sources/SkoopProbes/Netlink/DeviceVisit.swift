// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopModel
import SkoopSystem

/// The requests of ``DeviceReader``, built once, and the memory for their replies.
struct DeviceRequests: Sendable {
    var statistics = LinkStatistics.request
    var links = Link.request
    var qdiscs = Qdisc.request
    var routes = DefaultRoutes.request
    var buffer = [UInt8](repeating: 0, count: 32 << 10)
}

/// What is wanted of each namespace.
struct DeviceWants: Sendable {
    var statistics = false
    var qdiscs = false
}

/// One namespace in one walk of ``DeviceReader``.
struct DeviceVisit {
    let key: NamespaceKey
    let entity: EntityTable.Index
    let isNode: Bool
    /// Where the host's `/sys` is, which tells hardware where netlink does not, before 5.14.
    let sys: String
    let scrape: Scrape
    /// What is remembered of the namespace; brought up to date.
    var table: LinkTable?

    /// Asks the kernel and appends the namespace to a reading. What cannot be read is left out and counted.
    mutating func read(
        _ socket: inout NetlinkSocket, with requests: inout DeviceRequests, _ wants: DeviceWants,
        into reading: inout DeviceReading
    ) {
        var namespace = DeviceReading.Namespace(key: key, entity: entity)
        defer { reading.namespaces.append(namespace) }
        let first = (device: reading.devices.count, counter: reading.counters.count, qdisc: reading.qdiscs.count)
        do throws(SystemError) {
            if wants.statistics {
                try readDevices(&socket, with: &requests, into: &reading)
            } else {
                try listDevices(&socket, with: &requests, into: &reading)
            }
            namespace.devices = first.device..<reading.devices.count
            guard wants.qdiscs else { return }
            let isKnown = try readQdiscs(&socket, with: &requests, of: namespace.devices ?? 0..<0, into: &reading)
            if !isKnown, !wants.statistics, table?.scrape != scrape.number {
                // A device has come that the table does not have.
                table = nil
                reading.qdiscs.removeSubrange(first.qdisc...)
                reading.devices.removeSubrange(first.device...)
                try listDevices(&socket, with: &requests, into: &reading)
                namespace.devices = first.device..<reading.devices.count
                _ = try readQdiscs(&socket, with: &requests, of: namespace.devices ?? 0..<0, into: &reading)
            }
            namespace.qdiscs = first.qdisc..<reading.qdiscs.count
        } catch {
            scrape.problems.record("netdev-request")
            reading.qdiscs.removeSubrange(first.qdisc...)
            guard namespace.devices == nil else { return }
            reading.devices.removeSubrange(first.device...)
            reading.counters.removeSubrange(first.counter...)
        }
    }

    /// Appends the devices without counters.
    private mutating func listDevices(
        _ socket: inout NetlinkSocket, with requests: inout DeviceRequests, into reading: inout DeviceReading
    ) throws(SystemError) {
        if table?.isCurrent(key, scrape: scrape.number, offset: key.id.rawValue) != true {
            table = try readLinks(&socket, with: &requests)
        }
        reading.devices += table?.devices ?? []
    }

    private mutating func readDevices(
        _ socket: inout NetlinkSocket, with requests: inout DeviceRequests, into reading: inout DeviceReading
    ) throws(SystemError) {
        let first = reading.counters.count
        var found: [UInt32] = []
        var malformed = 0
        malformed += try socket.perform(
            &requests.statistics, buffer: &requests.buffer,
            restart: {
                found = []
                malformed = 0
                reading.counters.removeSubrange(first...)
            },
            { message in
                if let index = LinkStatistics.read(message, into: &reading.counters) {
                    found.append(index)
                } else {
                    malformed += 1
                }
            })
        if table?.serves(key, devices: found, scrape: scrape.number, offset: key.id.rawValue) != true {
            table = try readLinks(&socket, with: &requests)
        }
        // A device that came between the two requests has no name yet: it is left to the next scrape.
        var kept = 0
        for (place, index) in found.enumerated() {
            guard let device = table?[index] else { continue }
            reading.devices.append(device)
            let (source, target) = (first + place * LinkStatistics.width, first + kept * LinkStatistics.width)
            for column in 0..<LinkStatistics.width {
                reading.counters[target + column] = reading.counters[source + column]
            }
            kept += 1
        }
        reading.counters.removeSubrange((first + kept * LinkStatistics.width)...)
        if malformed > 0 { scrape.problems.record("netdev-message", count: UInt64(malformed)) }
    }

    private func readLinks(
        _ socket: inout NetlinkSocket, with requests: inout DeviceRequests
    ) throws(SystemError) -> LinkTable {
        var links: [Link] = []
        var malformed = 0
        malformed += try socket.perform(
            &requests.links, buffer: &requests.buffer,
            restart: {
                links = []
                malformed = 0
            },
            { message in
                if let link = Link(message) { links.append(link) } else { malformed += 1 }
            })
        if malformed > 0 { scrape.problems.record("netdev-message", count: UInt64(malformed)) }
        if isNode, !links.contains(where: \.hasHardware) {
            for index in links.indices {
                links[index].hasHardware = access("\(sys)/class/net/\(links[index].name)/device", F_OK) == 0
            }
        }
        var routes = DefaultRoutes()
        if isNode, !links.contains(where: \.hasHardware) {
            try socket.perform(
                &requests.routes, buffer: &requests.buffer, restart: { routes = DefaultRoutes() }, { routes.add($0) })
        }
        return LinkTable(key: key, links: links, isNode: isNode, scrape: scrape.number) { routes.devices }
    }

    /// Returns whether all of them are of these devices.
    private func readQdiscs(
        _ socket: inout NetlinkSocket, with requests: inout DeviceRequests, of devices: Range<Int>,
        into reading: inout DeviceReading
    ) throws(SystemError) -> Bool {
        var isKnown = true
        let first = reading.qdiscs.count
        var malformed = 0
        // The kernel lists both in the same order, so that the device is the last one or soon after.
        var cursor = devices.lowerBound
        malformed += try socket.perform(
            &requests.qdiscs, buffer: &requests.buffer,
            restart: {
                malformed = 0
                isKnown = true
                reading.qdiscs.removeSubrange(first...)
            },
            { message in
                guard let qdisc = Qdisc(message) else {
                    malformed += 1
                    return
                }
                func find(in places: Range<Int>) -> Int? { places.first { reading.devices[$0].index == qdisc.device } }
                guard let device = find(in: cursor..<devices.upperBound) ?? find(in: devices.lowerBound..<cursor)
                else {
                    isKnown = false
                    return
                }
                cursor = device
                reading.qdiscs.append(DeviceReading.DeviceQdisc(qdisc: qdisc, device: device))
            })
        if malformed > 0 { scrape.problems.record("qdisc-message", count: UInt64(malformed)) }
        return isKnown
    }
}
