// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct FlowProbeTests {
    private struct Row: Hashable {
        var entity: EntityTable.Index
        var labels: [String]
        var value: UInt64
    }

    /// The rows of a metric that are of UDP to port 9 of the test's own network, without the names of both ends.
    private func rows(_ families: [Family], _ metric: some MetricSet, _ port: String) -> Set<Row> {
        var rows: Set<Row> = []
        for family in families where family.metric == metric.metric {
            let names = metric.metric.labels.extra
            for row in 0..<family.count {
                let labels = Dictionary(uniqueKeysWithValues: zip(names, family.labels(of: row)))
                guard labels["protocol"] == "UDP", labels["dport"] == port,
                    labels["src"]?.hasPrefix("10.77.") == true || labels["src"]?.hasPrefix("fd77:") == true
                else { continue }
                let kept = ["direction", "src", "dst"].compactMap { labels[$0] }
                rows.insert(Row(entity: family.entities[row], labels: kept, value: family.values[row]))
            }
        }
        return rows
    }

    @Test(arguments: [false, true])
    func countsEveryPacketOnceForEachWhoSeesIt(hasPorts: Bool) throws {
        let network = try VethNetwork.make()
        var probe = try FlowProbe(ProbeEnvironment(arguments: ["enablePortInLabel": .bool(hasPorts)]))
        try network.send(7)
        let families = try probe.collect(try network.scrape(1))
        let port = hasPorts ? "9" : "0"
        // 500 bytes, UDP and IP and the link: 8 + 20 + 14, or 8 + 40 + 14.
        let ends = [("10.77.0.1", "10.77.0.2", UInt64(542)), ("fd77::1", "fd77::2", 562)]
        for (metric, total, size) in [
            (FlowExtraMetric.packets, FlowMetric.packets, { (_: UInt64) in UInt64(1) }),
            (FlowExtraMetric.bytes, FlowMetric.bytes, { $0 }),
        ] {
            var own: Set<Row> = []
            var all: Set<Row> = []
            for (source, destination, bytes) in ends {
                let value = 7 * size(bytes)
                own.insert(Row(entity: 1, labels: ["egress", source, destination], value: value))
                own.insert(Row(entity: 2, labels: ["ingress", source, destination], value: value))
                all.insert(Row(entity: 0, labels: [source, destination], value: value))
            }
            #expect(rows(families, metric, port) == own)
            #expect(rows(families, total, port) == all)
        }
        // Nobody listened: that is where they were dropped.
        let drops = rows(families, FlowExtraMetric.drops, port)
        #expect(drops.map(\.value) == [7, 7] && drops.allSatisfy { $0.entity == 2 && $0.labels[0] == "ingress" })
    }

    @Test(.takesLongInGuests) func agreesWithTheDevice() throws {
        let network = try VethNetwork.make()
        func witness() throws -> [UInt64] {
            try ["tx_packets", "tx_bytes"].map { name in
                let text = try network.left.run("cat", "/sys/class/net/eth0/statistics/\(name)")
                return try #require(UInt64(text.filter(\.isNumber)))
            }
        }
        // The probe sees nothing that the witness does not.
        let before = try witness()
        var probe = try FlowProbe(ProbeEnvironment())
        try network.send(50)
        let families = try probe.collect(try network.scrape(1))
        let after = try witness()
        for (metric, counted) in zip([FlowExtraMetric.packets, .bytes], zip(before, after).map { $1 - $0 }) {
            let family = try #require(families.first { $0.metric == metric.metric })
            let seen = (0..<family.count).filter {
                family.entities[$0] == 1 && family.labels(of: $0).first == "egress"
            }.reduce(0) { $0 + family.values[$1] }
            // Neighbour discovery over IPv4 is no IP, and that over IPv6 may come before the probe.
            #expect(seen <= counted && seen + 1000 > counted)
        }
    }

    @Test(arguments: [("10.77.0.2", "10.77.0.1", "ip"), ("fd77::2", "fd77::1", "ip6")])
    func countsWhatIsSentAgain(address: String, own: String, family: String) throws {
        let network = try VethNetwork.make()
        var probe = try FlowProbe(ProbeEnvironment())
        // Nobody answers: the first segment is sent again.
        try network.right.run(
            "nft", "add table \(family) t; add chain \(family) t in { type filter hook input priority 0; }")
        try network.right.run("nft", "add rule \(family) t in meta l4proto tcp counter drop")
        try network.left.run(
            "python3", "-c",
            """
            import socket
            client = socket.socket(socket.AF_INET6 if ':' in '\(address)' else socket.AF_INET); client.settimeout(2.5)
            try: client.connect(('\(address)', 80))
            except OSError: pass
            """)
        let families = try probe.collect(try network.scrape(1))
        let again = try #require(families.first { $0.metric == FlowExtraMetric.retransmits.metric })
        let row = try #require(again.entities.firstIndex(of: 1))
        #expect(again.values[row] >= 1)
        #expect(again.labels(of: row).starts(with: ["egress", "TCP", own]))
        let drops = try #require(families.first { $0.metric == FlowExtraMetric.drops.metric })
        let dropped = try #require(drops.entities.firstIndex(of: 2))
        #expect(drops.values[dropped] == again.values[row] + 1)
        #expect(drops.labels(of: dropped).starts(with: ["ingress", "TCP", own]))
        let rules = try network.right.run("nft", "list", "ruleset")
        #expect(rules.contains("counter packets \(drops.values[dropped]) "), "\(rules)")
    }

    /// Protocols without a name are one row, which no page has twice.
    @Test func countsProtocolsWithoutANameTogether() throws {
        let network = try VethNetwork.make()
        var probe = try FlowProbe(ProbeEnvironment())
        try network.left.run(
            "python3", "-c",
            """
            import socket
            for number in (253, 254, 112):
                socket.socket(socket.AF_INET, socket.SOCK_RAW, number).sendto(b'x' * 8, ('10.77.0.2', 0))
            """)
        let families = try probe.collect(try network.scrape(1))
        for family in families {
            let series = (0..<family.count).map { ["\(family.entities[$0])"] + family.labels(of: $0) }
            #expect(Set(series).count == series.count, "\(family.metric.name)")
        }
        let packets = try #require(families.first { $0.metric == FlowExtraMetric.packets.metric })
        let sent = (0..<packets.count).filter {
            packets.entities[$0] == 1 && packets.labels(of: $0).starts(with: ["egress", "IP", "10.77.0.1"])
        }
        #expect(sent.map { packets.values[$0] } == [3])
    }

    /// A received packet has its socket early; it is on its way in all the same.
    @Test(arguments: [("10.77.0.2", "ip"), ("fd77::2", "ip6")])
    func countsDropsOfAConnectionWhereTheyAreReceived(address: String, family: String) throws {
        let network = try VethNetwork.make()
        var probe = try FlowProbe(ProbeEnvironment())
        try network.right.run(
            "nft", "add table \(family) t; add chain \(family) t in { type filter hook input priority 0; }")
        let server = try network.right.hold(
            python: """
                import socket
                family = socket.AF_INET6 if ':' in '\(address)' else socket.AF_INET
                server = socket.create_server(('\(address)', 7777), family=family)
                import threading
                def serve():
                    connection = server.accept()[0]
                    while connection.recv(1000): pass
                threading.Thread(target=serve, daemon=True).start()
                """)
        defer { server.kill() }
        let client = try network.left.hold(
            python: """
                import socket, threading, time
                client = socket.create_connection(('\(address)', 7777))
                def send():
                    while True: client.send(b'x' * 50); time.sleep(0.05)
                threading.Thread(target=send, daemon=True).start()
                """)
        defer { client.kill() }
        try network.right.run("nft", "add rule \(family) t in tcp dport 7777 drop")
        let isSeen = try eventually {
            let drops = try probe.collect(try network.scrape(1)).first { $0.metric == FlowExtraMetric.drops.metric }
            guard let drops, let row = drops.entities.firstIndex(of: 2) else { return false }
            #expect(drops.labels(of: row).first == "ingress")
            return true
        }
        #expect(isSeen)
    }

    /// What stays in its namespace is nobody's flow, also where it is dropped.
    @Test func leavesOutLoopback() throws {
        let namespace = try TestNamespace()
        var probe = try FlowProbe(ProbeEnvironment())
        try namespace.run(
            "python3", "-c",
            """
            import socket
            for family, host in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
                socket.socket(family, socket.SOCK_DGRAM).sendto(b'x', (host, 9))
            """)
        for family in try probe.collect(.live([NetworkNamespace(mountOf: namespace)])) {
            #expect(!family.entities.contains(1), "\(family.metric.name)")
        }
    }

    @Test(.takesLongInGuests) func seesDevicesThatComeLater() throws {
        let namespace = try TestNamespace()
        var probe = try FlowProbe(ProbeEnvironment())
        try namespace.run("ip", "link", "add", "late0", "type", "veth", "peer", "name", "late1")
        try namespace.run("ip", "addr", "add", "10.77.9.1/24", "dev", "late0")
        for end in ["late1", "late0"] { try namespace.run("ip", "link", "set", end, "up") }
        try namespace.run("ip", "neigh", "add", "10.77.9.2", "lladdr", "02:00:00:00:00:02", "dev", "late0")
        try namespace.run(
            "python3", "-c",
            "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('10.77.9.2', 9))")
        let families = try probe.collect(.live([NetworkNamespace(mountOf: namespace)]))
        let sent = rows(families, FlowExtraMetric.packets, "0").filter { $0.labels[0] == "egress" }
        #expect(sent.map(\.value) == [1])
    }

    @Test(.takesLongInGuests) func forgetsWhatIsIdle() throws {
        let network = try VethNetwork.make()
        var probe = try FlowProbe(ProbeEnvironment())
        try network.send(1)
        #expect(try !rows(probe.collect(try network.scrape(1)), FlowMetric.packets, "0").isEmpty)
        // Both ends are gone.
        _ = try probe.collect(.live())
        sleep(2)
        _ = try probe.collect(.live())
        #expect(try rows(probe.collect(try network.scrape(3)), FlowMetric.packets, "0").isEmpty)
    }

    @Test(arguments: ["", "e/h", "eth0 ", "a-name-that-is-too-long", "*"])
    func refusesWhatIsNoName(name: String) throws {
        let environment = ProbeEnvironment(arguments: ["interfaceName": .string(name)])
        do throws(ProbeError) {
            _ = try FlowProbe(environment)
            #expect(name.isEmpty)
        } catch {
            #expect(error.reason == .invalidArgument)
            #expect(error.message.contains("interfaceName: '\(name)', allowed: a device's name"))
        }
    }
}
