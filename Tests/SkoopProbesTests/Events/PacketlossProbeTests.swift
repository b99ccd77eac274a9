// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import SkoopIdentity
import SkoopLab
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct PacketlossProbeTests {
    /// Whether the running kernel gives reasons.
    private static let hasReasons = (try? KernelBTF().has(.enumeration, "skb_drop_reason")) ?? false

    @Test(arguments: IPFamily.allCases)
    func netfilterDrop(family: IPFamily) throws {
        let lab = try FaultLab()
        let rule = try NetfilterRule(on: lab.server, .input, PacketMatch(.udp, family, to: 4242), .drop)
        var trial = try ProbeTrial<PacketlossProbe>(lab.client, lab.server)
        let burst = try lab.sendToClosedPort(family, port: 4242, count: 5)

        let events = try trial.events(of: lab.server, atLeast: 5)
        #expect(try rule.chosen().packets == 5)
        #expect(events.count == 5)
        for event in events {
            #expect(event.type == PacketlossEvent.packetLoss.type)
            #expect(event.tuple == burst.tuple)
            if Self.hasReasons { #expect(event.string("reason") == "NETFILTER_DROP") }
            let location = try #require(event.string("location"))
            #expect(location.hasPrefix("nf_hook_slow") || location.hasPrefix("nft_do_chain"), "\(location)")
            #expect(event.message.hasPrefix("protocol=UDP saddr=\(burst.client.address) sport=\(burst.client.port) "))
        }
        #expect(try trial.events(of: lab.client).isEmpty)

        let families = try trial.collect()
        let labels = burst.labels
        #expect(families.value(PacketlossMetric.total, labels: labels) == 5)
        #expect(families.value(PacketlossMetric.netfilter, labels: labels) == 5)
        let location = try #require(events.first?.string("location")).prefix { $0 != "+" && $0 != "." }
        let reason = Self.hasReasons ? "NETFILTER_DROP" : ""
        #expect(families.value(PacketlossExtraMetric.drops, 2, labels: [reason, String(location)]) == 5)
    }

    @Test(arguments: IPFamily.allCases)
    func closedPort(family: IPFamily) throws {
        let lab = try FaultLab()
        var trial = try ProbeTrial<PacketlossProbe>(lab.client, lab.server)
        let before = try lab.server.counters()
        let burst = try lab.sendToClosedPort(family, count: 3)
        let events = try trial.events(of: lab.server, atLeast: 3)
        let growth = try lab.server.counters().growth(since: before)
        #expect(growth[family == .v4 ? "Udp.NoPorts" : "Udp6NoPorts"] == 3)
        #expect(events.count == 3)
        #expect(events.allSatisfy { $0.tuple == burst.tuple })
        if Self.hasReasons { #expect(events.allSatisfy { $0.string("reason") == "NO_SOCKET" }) }
        let families = try trial.collect()
        #expect(families.value(PacketlossMetric.total, labels: burst.labels) == 3)
        #expect(families.value(PacketlossMetric.netfilter, labels: burst.labels) == nil)
    }

    @Test(arguments: IPFamily.allCases)
    func receiveBufferOverflow(family: IPFamily) throws {
        let lab = try FaultLab()
        var trial = try ProbeTrial<PacketlossProbe>(lab.client, lab.server)
        let burst = try lab.overflowReceiveBuffer(family)
        #expect(burst.lost > 0)
        let events = try trial.events(of: lab.server, atLeast: burst.lost)
        #expect(events.count == burst.lost)
        #expect(events.allSatisfy { $0.tuple == burst.tuple })
        if Self.hasReasons { #expect(events.allSatisfy { $0.string("reason") == "SOCKET_RCVBUFF" }) }
        #expect(try trial.collect().value(PacketlossMetric.total, labels: burst.labels) == UInt64(burst.lost))
    }

    @Test(arguments: IPFamily.allCases)
    func noRoute(family: IPFamily) throws {
        let lab = try FaultLab(.routed)
        guard let router = lab.middle else { throw LabError("no router") }
        var trial = try ProbeTrial<PacketlossProbe>(lab.client, lab.server, router)
        let target = Endpoint(family, family == .v4 ? "10.92.0.1" : "fd92::1", port: 9)
        let socket = try UDPSocket(in: lab.client, family)
        for _ in 0..<3 { try socket.send([1, 2, 3], to: target) }
        let events = try trial.events(of: router, atLeast: 3)
        #expect(events.count == 3)
        let tuple = PacketTuple(udp: socket.local, target)
        #expect(events.allSatisfy { $0.tuple == tuple })
        let reasons = Set(events.compactMap { $0.string("reason") })
        #expect(reasons.isSubset(of: ["IP_INNOROUTES", "NOT_SPECIFIED"]))
        let families = try trial.collect()
        #expect(families.value(PacketlossMetric.total, labels: tuple.labels) == 3)
        #expect(try trial.events(of: lab.client).isEmpty)
    }

    /// Connections opened, used and closed from both sides, datagrams, pings, and sockets closed with data in them.
    @Test func nothingWrong() throws {
        let lab = try FaultLab()
        let trial = try ProbeTrial<PacketlossProbe>(lab.client, lab.server)
        for family in IPFamily.allCases {
            let listener = try TCPListener(in: lab.server, family)
            for round in 0..<6 {
                let client = try lab.client.connect(to: listener.endpoint)
                let accepted = try listener.accept()
                try client.send(count: 10_000)
                _ = try accepted.receive(exactly: 10_000)
                try accepted.send(count: 100)
                _ = try client.receive()
                // The one who closes first keeps the remains of the connection for a while.
                if round % 2 == 0 { _ = consume client } else { _ = consume accepted }
            }
            let receiver = try UDPSocket(in: lab.server, family)
            let sender = try UDPSocket(in: lab.client, family)
            for _ in 0..<5 { try sender.send([1, 2, 3], to: receiver.local) }
            _ = try receiver.receive()
            try lab.client.run("ping", "-q", "-c", "3", "-i", "0.2", lab.server.address(family))
        }
        // What may have been dropped has been by the time that one more packet surely is.
        let last = try lab.sendToClosedPort(.v4, port: 9999, count: 1)
        let events = try trial.events(of: lab.server, atLeast: 1)
        #expect(events.map(\.tuple) == [last.tuple], "\(events.map(\.message))")
        let others = try trial.events(of: lab.client)
        #expect(others.isEmpty, "\(others.map(\.message))")
    }

    @Test func tellsTheStackWhereItIsAskedFor() throws {
        let lab = try FaultLab()
        let trial = try ProbeTrial<PacketlossProbe>(lab.server, arguments: ["enableStack": .bool(true)])
        _ = try lab.sendToClosedPort(.v4, count: 1)
        let event = try #require(try trial.events(of: lab.server, atLeast: 1).first)
        guard case .list(let stack)? = event[field: "stack"] else {
            Issue.record("no stack")
            return
        }
        #expect(stack.contains { $0.hasPrefix("udp_rcv") || $0.hasPrefix("__udp4_lib_rcv") }, "\(stack)")
        #expect(event.message.hasSuffix(stack.joined(separator: "\n")))
    }

    /// More pairs of addresses than rows: what is not in the rows is told, and in the entity's count all the same.
    @Test func countsWhatFindsNoRow() throws {
        let lab = try FaultLab()
        var probe = try PacketlossProbe(ProbeEnvironment(arguments: ["maxRows": .integer(16)]))
        try lab.server.run(
            "python3", "-c",
            """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for n in range(40): s.sendto(b'x', (f'127.0.0.{n + 1}', 9))
            """)
        let server = NetworkNamespace(id: NamespaceID(rawValue: lab.server.inode), pid: lab.server.pid)
        let scrape = Scrape(number: 1, census: try .live([server]))
        let families = try probe.collect(scrape)
        #expect(families.rows(PacketlossMetric.total) == 16)
        #expect(try #require(scrape.problems.all["pairs-full"]) >= 24)
        let drops = try #require(families.first { $0.metric == PacketlossExtraMetric.drops.metric })
        let sum = drops.entities.indices.reduce(0) { $0 + (drops.entities[$1] == 1 ? drops.values[$1] : 0) }
        #expect(sum == 40)
        // Told once.
        let next = Scrape(number: 2, census: try .live([server]))
        _ = try probe.collect(next)
        #expect(next.problems.all["pairs-full", default: 0] < 24)
    }

    @Test func refusesWhatCannotBeAReason() {
        let error = #expect(throws: ProbeError.self) {
            _ = try PacketlossProbe(ProbeEnvironment(arguments: ["ignoreReasons": .list(["no reason"])]))
        }
        #expect(error?.reason == .invalidArgument)
        #expect(error?.message == "ignoreReasons: 'no reason' is no name of a reason, such as NETFILTER_DROP")
    }

    @Test func ignoresReasonsThatTheConfigurationNames() throws {
        try #require(Self.hasReasons || KernelVersion.running < KernelVersion(5, 17))
        guard Self.hasReasons else { return }
        let lab = try FaultLab()
        let trial = try ProbeTrial<PacketlossProbe>(
            lab.server, arguments: ["ignoreReasons": .list(["NO_SOCKET", "NO_SUCH_REASON"])])
        #expect(trial.probe.source.reason == "this kernel has no drop reason NO_SUCH_REASON")
        #expect(trial.probe.source.hooks == [bestHook(ofTracepoint: "kfree_skb")])
        let rule = try NetfilterRule(on: lab.server, .input, PacketMatch(.udp, .v4, to: 4242), .drop)
        _ = try lab.sendToClosedPort(.v4, port: 4243, count: 2)
        _ = try lab.sendToClosedPort(.v4, port: 4242, count: 1)
        let events = try trial.events(of: lab.server, atLeast: 1)
        #expect(events.map { $0.string("reason") } == ["NETFILTER_DROP"])
        #expect(try rule.chosen().packets == 1)
    }
}

extension PacketTuple {
    /// Datagrams from one end to the other.
    init(udp source: Endpoint, _ destination: Endpoint) {
        self.init(protocolNumber: 17, source: End(source), destination: End(destination))
    }

    /// The values of a metric's labels where ports are not separated and nobody knows the ends.
    var labels: [String] {
        var tuple = self
        tuple.source.port = 0
        tuple.destination.port = 0
        return TupleLabels.values(tuple, source: .unknown, destination: .unknown)
    }
}

extension PacketTuple.End {
    /// An end in a lab.
    init(_ endpoint: Endpoint) {
        guard let address = IPAddress(bytes: endpoint.bytes) else { preconditionFailure("\(endpoint) is no address") }
        self.init(address, port: endpoint.port)
    }
}

extension DatagramBurst {
    fileprivate var tuple: PacketTuple { PacketTuple(udp: client, server) }
    fileprivate var labels: [String] { tuple.labels }
}
