// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem

/// Reads the devices of every namespace from `/proc/<pid>/net/dev`, the fallback of the probe netdev.
///
/// The file tells neither interface numbers nor what stands on what. VLANs and bonds are known by `net/vlan` and
/// `net/bonding` beside it; on the node `/sys/class/net` tells hardware and what a bridge consists of, in other namespaces
/// bridges, macvlans and tunnels count beside what they stand on. A device that is renamed counts as a new one.
struct ProcDeviceReader: Sendable {
    private let host: ProbeEnvironment.HostPaths

    init(host: ProbeEnvironment.HostPaths) { self.host = host }

    /// Reads all namespaces; one that has gone meanwhile is left out.
    func read(_ scrape: Scrape) throws(ProbeError) -> DeviceReading {
        var buffer = FileBuffer()
        var reading = DeviceReading()
        let inventory = scrape.census.inventory
        NamespaceFiles(host, scrape).forEach { position, directory in
            let id = inventory.namespaces[position].id
            guard let entity = scrape.census.entityOfNamespace[id] else { return }
            var namespace = DeviceReading.Namespace(key: NamespaceKey(id: id), entity: entity)
            defer { reading.namespaces.append(namespace) }
            let first = reading.devices.count
            do throws(SystemError) {
                try buffer.read("net/dev", in: directory)
            } catch {
                scrape.problems.record("netdev-unreadable")
                return
            }
            var names: [String] = []
            let malformed = Self.parse(buffer.bytes, names: &names, counters: &reading.counters)
            if malformed > 0 { scrape.problems.record("netdev-line", count: UInt64(malformed)) }
            let isNode = id == inventory.nodeNamespace
            let links = ProcLinks(names, directory, &buffer, sysOfNode: isNode ? host.sys : nil)
            let counted = LinkSelection.counted(of: links.links, isNode: isNode) {
                links.defaultRoutes(directory, &buffer)
            }
            for link in links.links {
                let isCounted = counted.contains(link.index)
                reading.devices.append(
                    DeviceReading.Device(
                        index: 0, name: link.name, isCounted: isCounted,
                        isListed: !link.isLoopback && (isCounted || !link.standsOnOtherNamespace)))
            }
            namespace.devices = first..<reading.devices.count
        }
        return reading
    }

    /// Reads the lines `name: values` behind the two header lines of `net/dev`, `net/core/net-procfs.c`.
    ///
    /// - Returns: how many lines have another form.
    static func parse(_ text: Span<UInt8>, names: inout [String], counters: inout [UInt64]) -> Int {
        var scanner = ByteScanner(text)
        var malformed = 0
        while let line = scanner.line() {
            var fields = ByteScanner(line)
            fields.skipSpaces()
            // Both header lines have bars, no device line has.
            guard let name = fields.field(before: UInt8(ascii: ":")), name.count > 0 else {
                if !line.indices.contains(where: { line[$0] == UInt8(ascii: "|") }) { malformed += 1 }
                continue
            }
            var values: [UInt64] = []
            while let value = fields.decimal() { values.append(value) }
            guard values.count >= 16, fields.isAtEnd else {
                malformed += 1
                continue
            }
            names.append(name.text)
            // bytes, errs, packets, drop of each direction
            for column in [0, 2, 1, 3, 8, 10, 9, 11] { counters.append(values[column]) }
        }
        return malformed
    }
}
