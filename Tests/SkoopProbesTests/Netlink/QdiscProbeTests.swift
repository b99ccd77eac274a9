// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopProbes

@Suite(.serialized, .requiresRoot) struct QdiscProbeTests {
    /// What iproute2 says of the qdiscs of a namespace.
    private struct Witness: Decodable {
        var kind: String
        var dev: String
        var root: Bool?
        var bytes: UInt64
        var packets: UInt64
        var drops: UInt64
        var overlimits: UInt64
        var requeues: UInt64
        var backlog: UInt64
        var qlen: UInt64
    }

    private func witnesses(_ name: String) throws -> [Witness] {
        try JSONDecoder().decode([Witness].self, from: Data(try run("tc", "-n", name, "-s", "-j", "qdisc").utf8))
    }

    private func columns(_ values: [String: [Int32: UInt64]], _ entity: Int32) throws -> [UInt64] {
        try QdiscMetric.allCases.map { try #require(values[$0.metric.name]?[entity], "\($0) of \(entity)") }
    }

    /// Rate limits below what is sent: drops and overlimits.
    private static let setups = [
        ["tbf", "root tbf rate 64kbit burst 2000 limit 4000"],
        [
            "htb", "root handle 1: htb default 10", "parent 1: classid 1:10 htb rate 64kbit",
            "parent 1:10 handle 10: pfifo limit 2",
        ],
        ["pfifo_fast", "root handle 7: pfifo_fast"],
    ]

    private func configure(_ setup: [String], _ network: borrowing VethNetwork) throws {
        for command in setup.dropFirst() {
            let words = command.split(separator: " ").map(String.init)
            let object = words.contains("classid") ? "class" : "qdisc"
            try run(["tc", "-n", network.left.name, object, "add", "dev", "eth0"] + words)
        }
    }

    @Test(arguments: setups)
    func agreesWithTC(_ setup: [String]) throws {
        let network = try VethNetwork.make()
        try configure(setup, network)
        try network.send(60)
        var probe = try QdiscProbe(ProbeEnvironment())
        #expect(probe.source == SourceChoice(.netlink))
        var number: UInt64 = 0
        try compareQuietly(
            {
                let root = try #require(try witnesses(network.left.name).first { $0.dev == "eth0" && $0.root == true })
                #expect(root.kind == setup[0])
                #expect(root.bytes > 500 && root.packets > 0)
                if setup[0] != "pfifo_fast" { #expect(root.drops > 0 && root.overlimits > 0) }
                return [root.bytes, root.packets, root.drops, root.qlen, root.backlog, root.overlimits]
            },
            {
                number += 1
                let scrape = try network.scrape(number)
                let values = try probe.values(scrape)
                #expect(scrape.problems.all.isEmpty)
                #expect(values[QdiscMetric.bytes.metric.name]?.keys.sorted() == [0, 1, 2])
                return try columns(values, 1)
            })
    }

    @Test func ingressAndInnerDisciplinesAreNotInTheSum() throws {
        let network = try VethNetwork.make()
        try configure(Self.setups[1], network)
        try run("tc", "-n", network.left.name, "qdisc", "add", "dev", "eth0", "clsact")
        try network.send(60)
        var probe = try QdiscProbe(ProbeEnvironment(arguments: ["perDevice": .bool(true)]))
        let families = try probe.collect(network.scrape(1))
        let packets = try #require(families.first { $0.metric == QdiscDeviceMetric.packets.metric })
        var kinds: [String: UInt64] = [:]
        for row in 0..<packets.count where packets.entities[row] == 1 {
            #expect(packets.labels(of: row).first == "eth0")
            kinds[packets.labels(of: row).joined(separator: " ")] = packets.values[row]
        }
        #expect(kinds.keys.sorted() == ["eth0 clsact", "eth0 htb", "eth0 pfifo"])
        let sum = try #require(families.first { $0.metric == QdiscMetric.packets.metric })
        let own = try #require(sum.entities.firstIndex(of: 1).map { sum.values[$0] })
        #expect(own == kinds["eth0 htb"])
        #expect(own > 0)
    }

    @Test func whatAReplacedDisciplineCountedStays() throws {
        let network = try VethNetwork.make()
        try configure(Self.setups[0], network)
        try network.send(60)
        var probe = try QdiscProbe(ProbeEnvironment())
        let before = try columns(try probe.values(network.scrape(1)), 1)
        #expect(before[2] > 0)
        try run("tc", "-n", network.left.name, "qdisc", "del", "dev", "eth0", "root")
        try configure(Self.setups[1], network)
        let after = try columns(try probe.values(network.scrape(2)), 1)
        for column in [0, 1, 2, 5] { #expect(after[column] >= before[column]) }
        try network.send(60)
        let later = try columns(try probe.values(network.scrape(3)), 1)
        for column in [0, 1, 2, 5] { #expect(later[column] > before[column]) }
    }

    /// Two queues and an `mq` root, whose counters are the sum of its queues'.
    @Test func aMultiqueueRootCountsItsQueues() throws {
        let namespace = try TestNamespace()
        // Which sends by itself: what is compared must not change meanwhile.
        try namespace.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6")
        try run(
            "ip", "-n", namespace.name, "link", "add", "eth0", "numtxqueues", "4", "numrxqueues", "4", "type", "veth",
            "peer",
            "name", "eth1")
        for device in ["eth0", "eth1"] { try run("ip", "-n", namespace.name, "link", "set", device, "up") }
        try run("tc", "-n", namespace.name, "qdisc", "replace", "dev", "eth0", "root", "mq")
        try run("ip", "-n", namespace.name, "addr", "add", "10.79.0.1/24", "dev", "eth0")
        try namespace.run(
            "python3", "-c",
            """
            import socket
            sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            sender.bind(("eth0", 0))
            for _ in range(50):
                sender.send(b"\\xff" * 12 + b"\\x88\\xb5" + b"x" * 100)
            """)
        var probe = try QdiscProbe(ProbeEnvironment())
        let census = try Census.live([NetworkNamespace(mountOf: namespace)])
        let values = try probe.values(Scrape(number: 1, census: census))
        let all = try witnesses(namespace.name)
        let root = try #require(all.first { $0.dev == "eth0" && $0.root == true })
        #expect(root.kind == "mq")
        #expect(root.packets >= 50)
        #expect(all.filter { $0.dev == "eth0" && $0.root != true }.reduce(0) { $0 + $1.packets } == root.packets)
        let roots = all.filter { $0.root == true && $0.dev != "lo" }
        #expect(values[QdiscMetric.packets.metric.name]?[1] == roots.reduce(0) { $0 + $1.packets })
    }

    @Test func onlyNetlinkShowsThem() {
        let error = #expect(throws: ProbeError.self) { try QdiscProbe(ProbeEnvironment(requiredSource: .procfs)) }
        #expect(error?.message == "source 'procfs', allowed: netlink")
    }
}
