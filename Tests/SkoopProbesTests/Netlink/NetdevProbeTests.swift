// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopBPF
import SkoopIdentity
import SkoopModel
import SkoopSystem
import SkoopTesting
import Testing

@testable import SkoopProbes

@Suite(.serialized, .requiresRoot) struct NetdevProbeTests {
    /// What the running kernel has.
    private static let offered = NetdevProbe.definition.sources.filter { $0 != .onePass || hasPass }
    private static let hasPass = KernelVersion.running >= KernelVersion(5, 19)

    /// The columns of `/proc/net/dev` in the order of ``NetdevMetric``, by device; read by means other than ours.
    private func devices(in namespace: borrowing TestNamespace) throws -> [String: [UInt64]] {
        var devices: [String: [UInt64]] = [:]
        for line in try namespace.run("cat", "/proc/net/dev").split(separator: "\n").dropFirst(2) {
            let parts = line.split(separator: ":")
            let values = parts[1].split(separator: " ").compactMap { UInt64($0) }
            let name = parts[0].trimmingCharacters(in: .whitespaces)
            devices[name] = [0, 2, 1, 3, 8, 10, 9, 11].map { values[$0] }
        }
        return devices
    }

    private func sum(_ devices: [String: [UInt64]], of names: [String]) -> [UInt64] {
        names.reduce(into: [UInt64](repeating: 0, count: 8)) { sum, name in
            for (column, value) in (devices[name] ?? []).enumerated() { sum[column] += value }
        }
    }

    private func columns(_ values: [String: [Int32: UInt64]], _ entity: Int32) throws -> [UInt64] {
        try NetdevMetric.allCases.map { try #require(values[$0.metric.name]?[entity], "\($0) of \(entity)") }
    }

    @Test(arguments: offered)
    func agreesWithTheKernelsFile(_ source: Source) throws {
        let network = try VethNetwork.make()
        var probe = try NetdevProbe(ProbeEnvironment(requiredSource: source))
        #expect(probe.source.source == source)
        try network.send(50)
        var number: UInt64 = 0
        try compareQuietly(
            {
                [try sum(devices(in: network.left), of: ["eth0"]), try sum(devices(in: network.right), of: ["eth0"])]
            },
            {
                number += 1
                let scrape = try network.scrape(number)
                let values = try probe.values(scrape)
                #expect(scrape.problems.all.isEmpty)
                let left = try columns(values, 1)
                #expect(left[4] > 50 * 1000 && left[6] >= 100, "both IP versions sent")
                return [left, try columns(values, 2)]
            })
    }

    /// What was read for queueing disciplines has no counters; who wants them in the same scrape gets them all the same.
    @Test func whatIsWantedLaterIsReadInTheSameScrape() throws {
        let network = try VethNetwork.make()
        let reader = DeviceReader(host: ProbeEnvironment().host, shortcuts: NamespaceShortcuts())
        reader.wantQdiscs()
        let scrape = try network.scrape(1)
        #expect(try reader.reading(of: scrape).counters.isEmpty)
        reader.wantStatistics()
        let reading = try reader.reading(of: scrape)
        #expect(reading.devices.count >= 4)
        #expect(reading.counters.count == reading.devices.count * LinkStatistics.width)
        #expect(reading.namespaces.allSatisfy { $0.qdiscs != nil })
    }

    /// The pass reads what pods have by itself: veth devices up to a number; whatever else there is goes to netlink.
    @Test(.enabled(if: hasPass, "the pass is of Linux 5.19")) func thePassReadsPodsAndLeavesTheRest() throws {
        let pods = try VethNetwork.make()
        let other = try VethNetwork.make()
        let many = try TestNamespace()
        try run("ip", "-n", other.left.name, "link", "add", "mac0", "link", "eth0", "type", "macvlan")
        for number in 0..<3 {
            try run(
                "ip", "-n", many.name, "link", "add", "a\(number)", "type", "veth", "peer", "name", "b\(number)")
        }
        try pods.send(10)
        try run("ip", "-n", pods.left.name, "link", "set", "eth0", "down")
        try run("ip", "-n", pods.left.name, "link", "set", "eth0", "name", "fifteen-letters")
        let census = try Census.live(
            [
                NetworkNamespace(mountOf: pods.left), NetworkNamespace(mountOf: pods.right),
                NetworkNamespace(mountOf: other.left), NetworkNamespace(mountOf: other.right),
                NetworkNamespace(mountOf: many),
            ])
        var pass = try DevicePass()
        var reading = DeviceReading()
        let rest = try pass.read(census, into: &reading)
        // The node's own, the one with a macvlan, the one with six ends of pairs.
        #expect(rest == [0, 3, 5])
        #expect(reading.namespaces.map(\.entity) == [1, 2, 4])
        #expect(reading.devices.map(\.name) == ["fifteen-letters", "eth0", "eth0"])
        #expect(reading.devices.allSatisfy { $0.isCounted && $0.isListed })
        #expect(reading.counters[4] > 10 * 1000, "sent")
        // All of them are served, and in this kernel pass and netlink do not differ.
        var probe = try NetdevProbe(ProbeEnvironment())
        let sent = try probe.values(Scrape(number: 1, census: census))[NetdevMetric.txpackets.metric.name]
        #expect(sent?.keys.sorted() == [0, 1, 2, 3, 4, 5])
        #expect(probe.source == SourceChoice(.onePass))
    }

    /// With GRO a veth receives by NAPI and counts elsewhere.
    @Test(.enabled(if: hasPass, "the pass is of Linux 5.19")) func agreesWhereVethReceivesByNAPI() throws {
        let network = try VethNetwork.make()
        for namespace in [network.left.name, network.right.name] {
            try run(
                "ip", "netns", "exec", namespace, "python3", "-c",
                """
                import ctypes, fcntl, socket, struct
                value = (ctypes.c_uint32 * 2)(0x2c, 1)  # ETHTOOL_SGRO, on
                request = struct.pack("16sQ16x", b"eth0", ctypes.addressof(value))
                fcntl.ioctl(socket.socket(), 0x8946, request)
                """)
        }
        try network.send(30)
        var probe = try NetdevProbe(ProbeEnvironment(requiredSource: .onePass))
        var number: UInt64 = 0
        try compareQuietly({
            [try sum(devices(in: network.left), of: ["eth0"]), try sum(devices(in: network.right), of: ["eth0"])]
        }) {
            number += 1
            let values = try probe.values(network.scrape(number))
            return [try columns(values, 1), try columns(values, 2)]
        }
    }

    /// iproute2 as the witness that is not ours; `ip` shows what `/proc/net/dev` adds up.
    @Test func agreesWithIP() throws {
        let network = try VethNetwork.make()
        try network.send(20)
        // What is too large for the right end is a drop and an error somewhere.
        try run("ip", "-n", network.right.name, "link", "set", "eth0", "mtu", "68")
        try? network.send(5)
        var probe = try NetdevProbe(ProbeEnvironment())
        var number: UInt64 = 0
        try compareQuietly(
            {
                let output = try run("ip", "-n", network.left.name, "-s", "-s", "-j", "link", "show", "dev", "eth0")
                let links = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]])
                let statistics = try #require(links.first?["stats64"] as? [String: [String: UInt64]])
                let (receive, transmit) = (try #require(statistics["rx"]), try #require(statistics["tx"]))
                #expect((transmit["dropped"] ?? 0) > 0, "a packet was dropped")
                return [
                    receive["bytes"], receive["errors"], receive["packets"],
                    (receive["dropped"] ?? 0) + (receive["missed_errors"] ?? 0),
                    transmit["bytes"], transmit["errors"], transmit["packets"], transmit["dropped"],
                ]
            },
            {
                number += 1
                return try columns(try probe.values(network.scrape(number)), 1).map { UInt64?($0) }
            })
    }

    @Test func devicesOnOthersCountOnce() throws {
        let network = try VethNetwork.make()
        let name = network.right.name
        try run("ip", "-n", name, "link", "add", "mac0", "link", "eth0", "type", "macvlan", "mode", "bridge")
        try run("ip", "-n", name, "link", "add", "br0", "type", "bridge")
        try run("ip", "-n", name, "link", "add", "port0", "type", "veth", "peer", "name", "inner0")
        try run("ip", "-n", name, "link", "set", "port0", "master", "br0")
        for device in ["mac0", "br0", "port0", "inner0"] { try run("ip", "-n", name, "link", "set", device, "up") }
        try run("ip", "-n", name, "addr", "add", "10.78.0.1/24", "dev", "br0")
        try network.send(20)
        var probe = try NetdevProbe(ProbeEnvironment())
        // Broadcasts of IPv6 go on for a while: what is compared must not change meanwhile.
        for name in [network.left.name, name] { try run("ip", "-n", name, "link", "set", "eth0", "down") }
        for device in ["inner0", "port0", "br0"] { try run("ip", "-n", name, "link", "set", device, "down") }
        let seen = try columns(try probe.values(network.scrape(1)), 2)
        let all = try devices(in: network.right)
        #expect(seen == sum(all, of: ["eth0", "port0", "inner0"]))
        #expect((all["mac0"]?[0] ?? 0) > 0 || (all["br0"]?[4] ?? 0) > 0, "the others counted too")
    }

    @Test func whatAGoneDeviceCountedStays() throws {
        let network = try VethNetwork.make()
        try network.send(20)
        var probe = try NetdevProbe(ProbeEnvironment())
        let before = try columns(try probe.values(network.scrape(1)), 1)
        try run("ip", "-n", network.left.name, "link", "del", "eth0")
        #expect(try columns(try probe.values(network.scrape(2)), 1) == before)
        try run("ip", "-n", network.left.name, "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
        let after = try columns(try probe.values(network.scrape(3)), 1)
        #expect(zip(after, before).allSatisfy { $0 >= $1 })
        #expect(before[4] > 20_000 && after[4] < before[4] + 20_000)
    }

    @Test(arguments: offered)
    func devicesAreListedByName(_ source: Source) throws {
        let network = try VethNetwork.make()
        try network.send(5)
        var probe = try NetdevProbe(
            ProbeEnvironment(arguments: ["perDevice": .bool(true)], requiredSource: source))
        func transmitted(_ number: UInt64) throws -> [String: UInt64] {
            let families = try probe.collect(network.scrape(number))
            let family = try #require(families.first { $0.metric == NetdevDeviceMetric.transmitPackets.metric })
            return (0..<family.count).reduce(into: [:]) { rows, row in
                if family.entities[row] == 1 { rows[family.labels(of: row).joined()] = family.values[row] }
            }
        }
        let first = try transmitted(1)
        #expect(first.keys.sorted() == ["eth0"])
        // On a scrape of its own number, for others are answered from the same reading.
        var number: UInt64 = 1
        try compareQuietly({ try devices(in: network.left)["eth0"]?[6] }) {
            number += 1
            return try transmitted(number)["eth0"]
        }
        try run("ip", "-n", network.left.name, "link", "set", "eth0", "down")
        try run("ip", "-n", network.left.name, "link", "set", "eth0", "name", "renamed")
        // A new name is found within the scrapes that a table serves.
        var names: [[String]] = []
        for later in 1...1 + LinkTable.maximumAge { names.append(try transmitted(number + later).keys.sorted()) }
        #expect(names.last == ["renamed"])
        #expect(names.allSatisfy { $0 == ["eth0"] || $0 == ["renamed"] })
    }

    @Test(arguments: offered)
    func aNamespaceThatIsGoneIsLeftOut(_ source: Source) throws {
        let left: UInt64
        var probe = try NetdevProbe(ProbeEnvironment(requiredSource: source))
        let scrape: Scrape
        do {
            let network = try VethNetwork.make()
            left = network.left.inode
            scrape = try network.scrape(1)
            #expect(try probe.values(scrape)[NetdevMetric.rxbytes.metric.name]?.count == 3)
        }
        // The kernel takes it down in its own time, until when the pass still finds it.
        var number: UInt64 = 1
        let isLeftOut = try eventually {
            number += 1
            let later = Scrape(number: number, census: scrape.census)
            let entities = try probe.values(later)[NetdevMetric.rxbytes.metric.name]?.keys.sorted()
            #expect(later.problems.all.isEmpty)
            return entities == [0]
        }
        #expect(isLeftOut)
        #expect(left != 0)
    }

    @Test func theNodeCountsItsHardwareOnly() throws {
        let network = try VethNetwork.make()
        let device = "skoop\(getpid())"
        try run("ip", "link", "add", device, "type", "veth", "peer", "name", "eth9", "netns", network.left.name)
        defer { _ = try? run("ip", "link", "del", device) }
        let output = try run("ip", "-d", "-j", "link")
        let links = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]])
        let hardware = links.compactMap { $0["ifname"] as? String }.filter { name in
            FileManager.default.fileExists(atPath: "/sys/class/net/\(name)/device")
        }
        var probe = try NetdevProbe(ProbeEnvironment(arguments: ["perDevice": .bool(true)]))
        let families = try probe.collect(network.scrape(1))
        let sum = try #require(families.first { $0.metric == NetdevMetric.rxpackets.metric })
        let devices = try #require(families.first { $0.metric == NetdevDeviceMetric.receivePackets.metric })
        let rows = (0..<devices.count).filter { devices.entities[$0] == EntityTable.nodeIndex }
        try #require(!hardware.isEmpty, "this host has a device with hardware behind it")
        let node = try #require(sum.entities.firstIndex(of: EntityTable.nodeIndex))
        #expect(
            sum.values[node]
                == rows.filter { hardware.contains(devices.labels(of: $0).joined()) }.reduce(0) {
                    $0 + devices.values[$1]
                })
        #expect(!rows.contains { devices.labels(of: $0).joined() == device }, "a pod's other end is not listed")
    }

    @Test func anotherSourceIsRefused() {
        let error = #expect(throws: ProbeError.self) { try NetdevProbe(ProbeEnvironment(requiredSource: .sysfs)) }
        #expect(error?.reason == .invalidArgument)
        #expect(error?.message == "source 'sysfs', allowed: one-pass, netlink, procfs")
    }
}
