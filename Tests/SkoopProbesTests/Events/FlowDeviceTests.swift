// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopSystem
import SkoopTesting
import Testing

/// Which of a node's devices count: a namespace of the test's own is the node here.
@Suite(.serialized, .requiresRoot, .takesLongInGuests) struct FlowDeviceTests {
    /// A node with three ways to another namespace, `up0`, `up1` and `side`.
    private struct Node: ~Copyable {
        let home: TestNamespace
        let peer: TestNamespace
        static let devices = ["up0", "up1", "side"]

        static func make() throws -> Node {
            let node = Node(home: try TestNamespace(), peer: try TestNamespace())
            for device in devices { try node.add(device) }
            return node
        }

        private func number(of device: String) -> Int { (Self.devices.firstIndex(of: device) ?? 0) + 1 }

        /// The other end's addresses.
        func ends(of device: String) -> [String] { ["10.77.\(number(of: device)).2", "fd77:\(number(of: device))::2"] }

        func add(_ device: String) throws {
            let number = number(of: device)
            try run(
                "ip", "-n", home.name, "link", "add", device, "type", "veth", "peer", "name", device, "netns", peer.name
            )
            for (name, end) in [(home.name, 1), (peer.name, 2)] {
                try run("ip", "-n", name, "addr", "add", "10.77.\(number).\(end)/24", "dev", device)
                try run("ip", "-n", name, "addr", "add", "fd77:\(number)::\(end)/64", "dev", device, "nodad")
                try run("ip", "-n", name, "link", "set", device, "up")
            }
            for name in [home.name, peer.name] {
                let isUp = try eventually { try run("ip", "-n", name, "link", "show", device).contains("state UP") }
                try #require(isUp)
            }
        }

        func route(_ arguments: String...) throws { try run(["ip", "-n", home.name] + arguments) }

        func probe(_ arguments: [String: ArgumentValue] = [:]) throws -> FlowProbe {
            try NamespaceHandle(path: home.path).withEntered {
                Result { try FlowProbe(ProbeEnvironment(arguments: arguments)) }
            }.get()
        }

        /// Sends datagrams through every device, over both IP versions, where nobody listens; returns how many of the
        /// node's own flows count for each device.
        func sent(_ count: Int, seenBy probe: inout FlowProbe, scrape number: UInt64) throws -> [String: UInt64] {
            for device in Self.devices {
                try home.run(
                    "python3", "-c",
                    """
                    import socket
                    for host in \(ends(of: device)):
                        sender = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM)
                        for _ in range(\(count)): sender.sendto(b"x", (host, 9))
                    """)
            }
            let scrape = Scrape(
                number: number,
                census: .test(node: NetworkNamespace(mountOf: home), [NetworkNamespace(mountOf: peer)]))
            let reader = probe
            let (families, after) = try NamespaceHandle(path: home.path).withEntered {
                var reader = reader
                return Result { (try reader.collect(scrape), reader) }
            }.get()
            probe = after
            let packets = try #require(families.first { $0.metric == FlowExtraMetric.packets.metric })
            let names = packets.metric.labels.extra
            var seen: [String: UInt64] = [:]
            for row in 0..<packets.count where packets.entities[row] == EntityTable.nodeIndex {
                let labels = Dictionary(uniqueKeysWithValues: zip(names, packets.labels(of: row)))
                guard labels["direction"] == "egress", labels["protocol"] == "UDP" else { continue }
                for device in Self.devices where ends(of: device).contains(labels["dst"] ?? "") {
                    seen[device, default: 0] += packets.values[row]
                }
            }
            return seen
        }
    }

    @Test(arguments: [("up0", ["up0"]), ("up*", ["up0", "up1"]), ("up", []), ("side", ["side"])])
    func onlyTheNamedDeviceCounts(name: String, counted: [String]) throws {
        let node = try Node.make()
        // Default routes do not matter then.
        try node.route("route", "add", "default", "via", "10.77.3.2")
        var probe = try node.probe(["interfaceName": .string(name)])
        let seen = try node.sent(5, seenBy: &probe, scrape: 1)
        #expect(seen == Dictionary(uniqueKeysWithValues: counted.map { ($0, 10) }))
    }

    @Test(arguments: ["metrics", "multipath", "versions"])
    func allDevicesWithADefaultRouteCount(kind: String) throws {
        let node = try Node.make()
        switch kind {
        case "metrics":
            try node.route("route", "add", "default", "via", "10.77.1.2", "metric", "10")
            try node.route("route", "add", "default", "via", "10.77.2.2", "metric", "20")
        case "multipath":
            try node.route(
                "route", "add", "default", "nexthop", "via", "10.77.1.2", "weight", "1", "nexthop", "via", "10.77.2.2",
                "weight", "2")
        default:
            try node.route("route", "add", "default", "via", "10.77.1.2")
            try node.route("-6", "route", "add", "default", "via", "fd77:2::2")
        }
        var probe = try node.probe()
        #expect(try node.sent(5, seenBy: &probe, scrape: 1) == ["up0": 10, "up1": 10])
    }

    @Test func multipathOverIPv6Counts() throws {
        let node = try Node.make()
        try node.route(
            "-6", "route", "add", "default", "nexthop", "via", "fd77:1::2", "nexthop", "via", "fd77:3::2")
        var probe = try node.probe()
        #expect(try node.sent(2, seenBy: &probe, scrape: 1) == ["up0": 4, "side": 4])
    }

    @Test func routesAreFollowed() throws {
        let node = try Node.make()
        var probe = try node.probe()
        #expect(try node.sent(1, seenBy: &probe, scrape: 1) == [:])
        try node.route("route", "add", "default", "via", "10.77.1.2")
        // A collection finds the route; what comes after it counts.
        _ = try node.sent(1, seenBy: &probe, scrape: 2)
        #expect(try node.sent(3, seenBy: &probe, scrape: 3) == ["up0": 6])
        try node.route("route", "replace", "default", "via", "10.77.2.2")
        _ = try node.sent(1, seenBy: &probe, scrape: 4)
        // The row of what no longer counts stays as it is.
        #expect(try node.sent(3, seenBy: &probe, scrape: 5) == ["up0": 8, "up1": 6])
    }

    /// A device goes and comes again under the same name, with another number.
    @Test(arguments: ["up0", ""]) func aDeviceComesAgain(name: String) throws {
        let node = try Node.make()
        func route() throws { if name.isEmpty { try node.route("route", "add", "default", "via", "10.77.1.2") } }
        try route()
        var probe = try node.probe(name.isEmpty ? [:] : ["interfaceName": .string(name)])
        #expect(try node.sent(5, seenBy: &probe, scrape: 1) == ["up0": 10])
        try run("ip", "-n", node.home.name, "link", "del", "up0")
        // What goes to its addresses has no way any more.
        try node.add("up0")
        try route()
        var before: UInt64 = 10
        if name.isEmpty { before = try #require(try node.sent(0, seenBy: &probe, scrape: 2)["up0"]) }
        #expect(try node.sent(5, seenBy: &probe, scrape: 3) == ["up0": before + 10])
    }
}
