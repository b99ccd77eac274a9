// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct TCPRetransProbeTests {
    /// What each kind is called, and which counter of the kernel's counts it.
    private static let kinds: [RetransmissionKind: (label: String, counter: String)] = [
        .fast: ("fast", "TcpExt.TCPFastRetrans"), .timeout: ("timeout", "TcpExt.TCPTimeouts"),
        .tailLossProbe: ("tailprobe", "TcpExt.TCPLossProbes"),
    ]

    @Test(arguments: IPFamily.allCases, RetransmissionKind.allCases)
    func lostSegment(family: IPFamily, kind: RetransmissionKind) throws {
        let lab = try FaultLab()
        var trial = try ProbeTrial<TCPRetransProbe>(lab.client, lab.server)
        let before = try lab.client.counters()
        let fault = try lab.retransmit(family, kind)
        let growth = try lab.client.counters().growth(since: before)
        let (label, counter) = try #require(Self.kinds[kind])
        #expect(growth[counter] >= 1)

        let events = try trial.events(of: lab.client, atLeast: 1)
        // A slow machine may add a spurious one, but the kernel's own count says the same.
        #expect(events.reduce(0) { $0 + Int($1.integer("segments") ?? 0) } == growth["Tcp.RetransSegs"])
        let event = try #require(events.first)
        #expect(event.type == TCPRetransEvent.retransmission.type)
        #expect(event.tuple == PacketTuple(tcp: fault.client, fault.server))
        #expect(event.string("kind") == label)
        #expect(event.integer("segments") == 1)
        #expect(event.integer("bytes") == Int64(fault.length))
        #expect(event.string("state") == "TCP_ESTABLISHED")
        #expect(try #require(event.integer("congestion_window")) >= 1)
        #expect(try #require(event.duration("rtt_ns")) > 0)
        let states = ["fast": "recovery", "timeout": "loss"]
        if let state = states[label] { #expect(event.string("congestion_state") == state) }
        #expect(try trial.events(of: lab.server).isEmpty)

        let families = try trial.collect()
        let labels = TupleLabels.values(
            PacketTuple(tcp: fault.client, fault.server), source: .unknown, destination: .unknown)
        #expect(families.value(TCPRetransMetric.total, labels: labels) == UInt64(events.count))
        let same = events.count { $0.string("kind") == label }
        #expect(families.value(TCPRetransExtraMetric.packets, 1, labels: [label]) == UInt64(same))
        #expect(families.value(TCPRetransExtraMetric.segments, 1, labels: [label]) == UInt64(same))
    }

    @Test(arguments: IPFamily.allCases)
    func lostFirstSegment(family: IPFamily) throws {
        let lab = try FaultLab()
        let listener = try TCPListener(in: lab.server, family)
        let match = PacketMatch(.tcp, family, to: listener.endpoint.port, .syn)
        let rule = try NetfilterRule(on: lab.server, .input, match, choosing: .only(0), .drop)
        let trial = try ProbeTrial<TCPRetransProbe>(lab.client, lab.server)
        let before = try lab.client.counters()
        let client = try lab.client.connect(to: listener.endpoint)
        #expect(try rule.chosen().packets == 1)
        let events = try trial.events(of: lab.client, atLeast: 1)
        #expect(events.count == 1)
        #expect(events.first?.string("kind") == "syn")
        #expect(events.first?.tuple == PacketTuple(tcp: client.local, listener.endpoint))
        #expect(events.first?.string("state") == "TCP_SYN_SENT")
        #expect(events.first?.integer("congestion_window") == nil)
        let growth = try lab.client.counters().growth(since: before)
        #expect(growth["Tcp.RetransSegs"] == 1)
        #expect(growth["TcpExt.TCPSynRetrans"] == 1)
    }

    @Test(arguments: IPFamily.allCases)
    func lostAnswerToTheFirstSegment(family: IPFamily) throws {
        let lab = try FaultLab()
        let listener = try TCPListener(in: lab.server, family)
        let match = PacketMatch(.tcp, family, from: listener.endpoint.port, .synAck)
        let rule = try NetfilterRule(on: lab.client, .input, match, choosing: .only(0), .drop)
        var trial = try ProbeTrial<TCPRetransProbe>(lab.client, lab.server)
        let before = try lab.server.counters()
        let client = try lab.client.connect(to: listener.endpoint)
        #expect(try rule.chosen().packets == 1)
        let events = try trial.events(of: lab.server, atLeast: 1)
        #expect(events.allSatisfy { $0.string("kind") == "synack" })
        #expect(events.first?.tuple == PacketTuple(tcp: listener.endpoint, client.local))
        #expect(events.first?.string("state") == "TCP_SYN_RECV")
        #expect(events.count == (try lab.server.counters().growth(since: before)["Tcp.RetransSegs"]))
        #expect(
            try trial.collect().value(TCPRetransExtraMetric.packets, 2, labels: ["synack"]) == UInt64(events.count))
    }

    /// A whole flight is lost: the first packet is sent again by the timer, the others as acknowledgements come.
    @Test(arguments: IPFamily.allCases)
    func lostFlight(family: IPFamily) throws {
        let lab = try FaultLab()
        let listener = try TCPListener(in: lab.server, family)
        let client = try lab.client.connect(to: listener.endpoint)
        let accepted = try listener.accept()
        try client.sendAtOnce()
        let match = PacketMatch(.tcp, family, to: listener.endpoint.port, .data)
        let rule = try NetfilterRule(on: lab.server, .input, match, choosing: .only(0, 1, 2, 3), .drop)
        var trial = try ProbeTrial<TCPRetransProbe>(lab.client, lab.server)
        let before = try lab.client.counters()
        // The last one is several segments.
        for length in [1000, 1000, 1000, 10_000] { try client.send(count: length) }
        #expect(try accepted.receive(exactly: 13_000).count == 13_000)
        #expect(try rule.chosen().packets == 4)
        let growth = try lab.client.counters().growth(since: before)
        let events = try trial.events(of: lab.client, atLeast: 4)
        func segments(_ kind: String) -> Int {
            events.reduce(0) { $0 + ($1.string("kind") == kind ? Int($1.integer("segments") ?? 0) : 0) }
        }
        // On a slow machine the kernel may cut the last one in two, and the acknowledgement of the part that arrives comes
        // before the timer.
        let hadTimeout = growth["TcpExt.TCPSlowStartRetrans"] > 0
        #expect(events.first?.string("kind") == (hadTimeout ? "timeout" : "fast"))
        #expect(segments("slowstart") == growth["TcpExt.TCPSlowStartRetrans"])
        #expect(segments("slowstart") + segments("timeout") + segments("fast") == growth["Tcp.RetransSegs"])
        // And of the part that is lost then, a single segment may be left.
        let isWhole = growth["Tcp.RetransSegs"] >= 10
        #expect(growth["Tcp.RetransSegs"] >= events.count + (isWhole ? 1 : 0), "no packet was several segments")
        let families = try trial.collect()
        #expect(
            families.value(TCPRetransExtraMetric.segments, 1, labels: ["slowstart"]) ?? 0
                == UInt64(segments("slowstart")))
    }

    /// More connections than rows: those without one share that of the port they went to.
    @Test func connectionsShareRowsWhenThereAreNoMore() throws {
        let lab = try FaultLab()
        var trial = try ProbeTrial<TCPRetransProbe>(lab.client, arguments: ["enableBothPorts": .bool(false)])
        var faults: [Retransmission] = []
        for _ in 0..<2 { faults.append(try lab.retransmit(.v4, .timeout, port: 80)) }
        let count = try trial.events(of: lab.client, atLeast: 2).count
        var tuple = PacketTuple(tcp: faults[0].client, faults[0].server)
        tuple.source.port = 0
        let families = try trial.collect()
        for fault in faults {
            let own = TupleLabels.values(
                PacketTuple(tcp: fault.client, fault.server), source: .unknown, destination: .unknown)
            #expect(families.value(TCPRetransMetric.total, labels: own) == nil)
        }
        let labels = TupleLabels.values(tuple, source: .unknown, destination: .unknown)
        #expect(families.value(TCPRetransMetric.total, labels: labels) == UInt64(count))
    }

    @Test func nothingWrong() throws {
        let lab = try FaultLab()
        let trial = try ProbeTrial<TCPRetransProbe>(lab.client, lab.server)
        for family in IPFamily.allCases {
            let listener = try TCPListener(in: lab.server, family)
            let before = (try lab.client.counters(), try lab.server.counters())
            let client = try lab.client.connect(to: listener.endpoint)
            let accepted = try listener.accept()
            for _ in 0..<10 {
                try client.send(count: 10_000)
                _ = try accepted.receive(exactly: 10_000)
                try accepted.send(count: 100)
                _ = try client.receive(exactly: 100)
            }
            #expect(try lab.client.counters().growth(since: before.0)["Tcp.RetransSegs"] == 0)
            #expect(try lab.server.counters().growth(since: before.1)["Tcp.RetransSegs"] == 0)
        }
        let fault = try lab.retransmit(.v4, .timeout)
        let events = try trial.events(of: lab.client, atLeast: 1)
        #expect(events.allSatisfy { $0.tuple == PacketTuple(tcp: fault.client, fault.server) })
        #expect(try trial.events(of: lab.server).isEmpty)
    }
}
