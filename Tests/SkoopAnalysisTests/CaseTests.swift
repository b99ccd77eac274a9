// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@testable import SkoopAnalysis

/// Made-up evidence of every case: it is found, and nothing else is.
@Suite struct CaseTests {
    /// What happens in each of three intervals of the fault.
    struct Evidenced: Sendable, CustomTestStringConvertible {
        var id: String
        var happens: @Sendable (inout Scenario) -> Void
        var testDescription: String { id }

        init(_ id: String, _ happens: @escaping @Sendable (inout Scenario) -> Void) {
            self.id = id
            self.happens = happens
        }
    }

    /// Traffic as usual, with all probes at work or with KubeSkoop's metrics only.
    private func usual(_ scenario: inout Scenario) {
        scenario.add(TCPMetric.activeopens, 20)
        scenario.add(TCPMetric.passiveopens, 20)
        scenario.add(TCPMetric.outsegs, 2000)
        scenario.add(UDPMetric.outdatagrams, 50)
        scenario.add(UDPMetric.indatagrams, 50)
        scenario.add(IPMetric.inreceives, 2000)
        scenario.add(NetdevMetric.rxpackets, 2000)
        scenario.add(NetdevMetric.txpackets, 2000)
        scenario.add(QdiscMetric.packets, 2000)
    }

    private func findings(_ evidenced: Evidenced, allProbes: Bool) -> [Finding] {
        var scenario = Scenario(pods: ["web", "db"])
        if allProbes {
            for probe in Set(Catalogue.metrics.map(\.probe)) {
                scenario.set(SelfMetric.probeSuccess, 1, scenario.node, labels: [probe])
                scenario.evidence.probes[probe] = .running
                scenario.evidence.probes[EvidenceKey.events(of: probe)] = .running
            }
        }
        scenario.zero(TCPExtMetric.self)
        scenario.zero(TCPMetric.self)
        scenario.zero(UDPMetric.self)
        scenario.zero(IPMetric.self)
        scenario.zero(NetdevMetric.self)
        scenario.zero(QdiscMetric.self)
        scenario.zero(ConntrackMetric.self)
        scenario.zero(SoftnetMetric.self, scenario.node)
        scenario.zero(VirtcmdLatencyMetric.self, scenario.node)
        for (metric, value) in [
            (TCPSummaryMetric.tcpestablishedconn, 40), (.tcptimewaitconn, 60), (.tcprxqueue, 0), (.tcptxqueue, 0),
            (.tcpclosewaitconn, 0), (.tcpsynrecvconn, 0), (.tcpsynsentconn, 0),
        ] as [(TCPSummaryMetric, UInt64)] { scenario.set(metric, value) }
        // A proxy's log and a resolver's configuration, with which nothing is wrong.
        if allProbes {
            for metric in AccessMetric.allCases where metric.metric.kind == .counter {
                scenario.set(metric, 0, labels: metric.metric.labels.extra.map { _ in "none" })
            }
            scenario.set(ResolverMetric.ndots, 1)
            scenario.set(ResolverMetric.searchDomains, 0)
            scenario.set(ResolverMetric.publicNameservers, 0)
            scenario.set(ResolverMetric.timeout, 5)
        }
        scenario.set(ConntrackMetric.entries, 100)
        scenario.set(ConntrackMetric.maxentries, 1000)
        for _ in 0..<10 {
            usual(&scenario)
            if allProbes { scenario.request("200", "answered", milliseconds: 20, times: 30) }
            scenario.snapshot()
        }
        #expect(Analyzer().analyze(scenario.evidence).findings.isEmpty)
        for _ in 0..<3 {
            usual(&scenario)
            if allProbes { scenario.request("200", "answered", milliseconds: 20, times: 30) }
            evidenced.happens(&scenario)
            scenario.snapshot()
        }
        return Analyzer().analyze(scenario.evidence).findings
    }

    @Test(arguments: all) func isFoundAloneWithAllProbes(_ evidenced: Evidenced) throws {
        let found = findings(evidenced, allProbes: true)
        #expect(Set(found.map(\.rule.id)) == [evidenced.id], "\(found.map { "\($0.rule.id) \($0.confidence)" })")
        #expect(found.allSatisfy { !$0.observations.isEmpty && $0.confidence > 0.5 })
    }

    @Test(arguments: withKubeSkoopOnly) func isFoundInKubeSkoopsMetricsAlone(_ evidenced: Evidenced) throws {
        let found = findings(evidenced, allProbes: false)
        #expect(Set(found.map(\.rule.id)) == [evidenced.id], "\(found.map { "\($0.rule.id) \($0.confidence)" })")
    }

    /// With the events at hand, a cause is more certain than without.
    @Test func moreEvidenceMakesMoreCertain() throws {
        let late = Self.withKubeSkoopOnly.first { $0.id == "dns-late-answer" }
        let poor = findings(try #require(late), allProbes: false)
        let rich = findings(try #require(Self.all.first { $0.id == "dns-late-answer" }), allProbes: true)
        #expect(try #require(rich.first).confidence > #require(poor.first).confidence + 0.2)
        #expect(try #require(poor.first).missing.contains { $0.probe == "dns" })
    }

    @Test func everyCaseIsHereAndDocumented() {
        let tested = Set(Self.all.map(\.id))
        for one in Rule.cases {
            #expect(tested.contains(one.rule.id), "no made-up evidence of \(one.rule.id)")
            #expect(one.arises.hasSuffix(".") && one.reproduction.hasSuffix("."), "\(one.rule.id)")
        }
        let ids = Rule.builtIn.map(\.id)
        #expect(Set(ids).count == ids.count)
        for rule in Rule.builtIn {
            for id in rule.explains { #expect(ids.contains(id) && id != rule.id, "\(rule.id) explains \(id)") }
        }
    }
}

extension Scenario {
    /// Metrics that are there and have counted nothing.
    mutating func zero<Metrics: MetricSet>(_ set: Metrics.Type, _ pod: String = "web") {
        for metric in set.allCases where metric.metric.kind == .counter { self.set(metric, 0, pod) }
    }

    /// A reset, some seconds after the last thing that happened.
    mutating func reset(_ event: TCPResetEvent, _ reason: String = "", state: String = "TCP_ESTABLISHED") {
        now += 4 * Self.second
        happen(event, count: 3, values: [.string(state), nil, .string(reason)])
    }

    mutating func connect(_ event: ConnectEvent, _ result: String, seconds: Double = 0.001) {
        now += 4 * Self.second
        add(ConnectMetric.total, 3, labels: [result])
        happen(
            event, count: 3,
            values: [.string(result), nil, .duration(UInt64(seconds * 1e9)), .integer(0)])
    }

    /// Requests to a proxy, all of whose time its upstream took where it got so far.
    mutating func request(_ status: String, _ reach: String, milliseconds: UInt64, times: UInt64) {
        observe(AccessMetric.requests, microseconds: milliseconds * 1000, times: times, labels: [status, reach])
        guard reach == "answered" else { return }
        observe(AccessMetric.upstream, microseconds: milliseconds * 1000, times: times, labels: ["header"])
        observe(AccessMetric.upstream, microseconds: 100, times: times, labels: ["connect"])
        observe(AccessMetric.upstream, microseconds: 100, times: times, labels: ["body"])
        observe(AccessMetric.own, microseconds: 100, times: times)
    }

    mutating func retransmit(_ kind: String, _ count: UInt64, bytes: Int64 = 300, attempts: Int64 = 0) {
        add(TCPMetric.retranssegs, count)
        add(TCPRetransExtraMetric.packets, count, labels: [kind])
        if kind == "syn" || kind == "synack" { add(TCPExtMetric.tcpsynretrans, count) }
        if kind == "timeout" { add(TCPExtMetric.tcptimeouts, count) }
        happen(
            TCPRetransEvent.retransmission, count: count,
            values: [.string(kind), .integer(1), .integer(bytes), nil, nil, nil, .integer(attempts)])
    }
}

extension CaseTests {
    static let all: [Evidenced] = probed + logged

    /// What the log of a proxy and the resolver's configuration show.
    static let logged: [Evidenced] = [
        Evidenced("upstream-refused") { $0.request("502", "connect", milliseconds: 1, times: 4) },
        Evidenced("upstream-broke-off") { $0.request("502", "header", milliseconds: 30, times: 4) },
        Evidenced("upstream-header-too-large") {
            $0.request("502", "header", milliseconds: 30, times: 4)
            $0.add(AccessMetric.oversized, 4)
        },
        Evidenced("upstream-unavailable") { $0.request("502", "unnamed", milliseconds: 0, times: 4) },
        Evidenced("no-endpoints") { $0.request("503", "none", milliseconds: 0, times: 60) },
        Evidenced("request-limit") {
            $0.request("503", "none", milliseconds: 0, times: 40)
            $0.add(AccessMetric.limited, 40, labels: ["request", "rejected"])
        },
        Evidenced("upstream-connect-timeout") { $0.request("504", "connect", milliseconds: 5000, times: 2) },
        Evidenced("upstream-answer-timeout") { $0.request("504", "header", milliseconds: 60_000, times: 2) },
        Evidenced("client-gave-up") { $0.request("499", "header", milliseconds: 2000, times: 3) },
        Evidenced("client-sends-late") { $0.request("408", "none", milliseconds: 10_000, times: 3) },
        Evidenced("client-slow") {
            $0.request("200", "answered", milliseconds: 20, times: 4)
            $0.observe(AccessMetric.own, microseconds: 4_000_000, times: 4)
        },
        Evidenced("upstream-slow") { $0.request("200", "answered", milliseconds: 2500, times: 4) },
        Evidenced("upstream-body-slow") {
            $0.observe(AccessMetric.upstream, microseconds: 4_000_000, times: 4, labels: ["body"])
        },
        Evidenced("upstream-errors") { $0.request("503", "answered", milliseconds: 20, times: 6) },
        Evidenced("dns-search") {
            $0.set(ResolverMetric.ndots, 5)
            $0.set(ResolverMetric.searchDomains, 3)
            $0.add(DNSMetric.responses, 60, labels: ["client", "NXDOMAIN"])
            $0.add(DNSMetric.responses, 20, labels: ["client", "NOERROR"])
            $0.observe(DNSMetric.seconds, microseconds: 140_000, times: 80, labels: ["client", "udp"])
        },
    ]

    static let probed: [Evidenced] = [
        Evidenced("listen-overflow") {
            $0.add(TCPExtMetric.listenoverflows, 3); $0.add(TCPExtMetric.listendrops, 3)
        },
        Evidenced("syn-queue-full") {
            $0.add(TCPExtExtraMetric.requestQueueFullCookies, 20)
            $0.add(TCPExtMetric.listendrops, 20)
        },
        Evidenced("connect-refused") {
            $0.connect(.failed, "refused"); $0.add(TCPMetric.attemptfails, 3)
        },
        Evidenced("connect-unanswered") {
            $0.connect(.noAnswer, "timeout", seconds: 3)
            $0.add(ConnectMetric.unanswered, 3)
            $0.retransmit("syn", 6)
        },
        Evidenced("connect-unreachable") {
            $0.connect(.failed, "unreachable")
            $0.add(IPMetric.outnoroutes, 3)
        },
        Evidenced("connect-prohibited") { $0.connect(.failed, "prohibited") },
        Evidenced("connect-slow") {
            $0.observe(ConnectMetric.seconds, microseconds: 1_040_000, times: 3)
            $0.observe(ConnectMetric.seconds, microseconds: 200, times: 30)
        },
        Evidenced("neighbour-failed") {
            $0.add(PacketlossExtraMetric.drops, 3, labels: ["NEIGH_FAILED", "arp_error_report"])
            $0.connect(.failed, "unreachable", seconds: 3)
        },
        Evidenced("port-exhaustion") { $0.connect(.failed, "no-port") },
        Evidenced("time-wait-build-up") { $0.add(TCPExtExtraMetric.timeWaitOverflow, 50) },
        Evidenced("conntrack-full") {
            $0.set(ConntrackMetric.entries, 999)
            $0.add(ConntrackMetric.drop, 5)
            $0.add(PacketlossExtraMetric.drops, 5, labels: ["NETFILTER_DROP", "nf_hook_slow"])
        },
        Evidenced("conntrack-invalid") {
            $0.add(ConntrackMetric.invalid, 40)
            $0.retransmit("timeout", 5)
        },
        Evidenced("conntrack-race") {
            $0.add(ConntrackMetric.insertfailed, 1); $0.add(DNSMetric.retried, 1)
        },
        Evidenced("netfilter-drop") {
            $0.add(PacketlossExtraMetric.drops, 5, labels: ["NETFILTER_DROP", "nf_hook_slow"])
        },
        Evidenced("path-loss") { $0.retransmit("fast", 40) },
        Evidenced("mtu-black-hole") { $0.retransmit("timeout", 30, bytes: 1448, attempts: 3) },
        Evidenced("netdev-drops") {
            $0.add(NetdevMetric.rxdropped, 40); $0.retransmit("fast", 30)
        },
        Evidenced("egress-saturated") {
            $0.add(QdiscMetric.drops, 40); $0.retransmit("fast", 30)
        },
        Evidenced("retransmit-failed") { $0.add(TCPExtMetric.tcpretransfail, 3) },
        Evidenced("handshake-incomplete") { $0.retransmit("synack", 15) },
        Evidenced("checksum-errors") {
            $0.add(TCPExtExtraMetric.checksumErrors, 3); $0.add(TCPMetric.inerrs, 3)
        },
        Evidenced("fragments-lost") { $0.add(IP6Metric.reasmFails, 3) },
        Evidenced("reverse-path-filter") { $0.add(TCPExtExtraMetric.reversePathFilter, 3) },
        Evidenced("paws") { $0.add(TCPExtMetric.pawsestab, 3) },
        Evidenced("reset-unread-data") {
            $0.add(TCPExtMetric.tcpabortonclose, 3)
            $0.reset(.active, "TCP_ABORT_ON_CLOSE")
        },
        Evidenced("reset-on-data") {
            $0.add(TCPExtMetric.tcpabortondata, 10)
            $0.add(TCPMetric.passiveopens, 100)
            $0.reset(.active, "TCP_ABORT_ON_DATA")
        },
        Evidenced("reset-linger") { $0.add(TCPExtMetric.tcpabortonlinger, 3) },
        Evidenced("peer-gone") { $0.add(TCPExtMetric.tcpabortontimeout, 1) },
        Evidenced("reset-by-peer") {
            $0.add(TCPMetric.estabresets, 3)
            $0.reset(.receive)
        },
        Evidenced("connection-unknown") {
            $0.add(TCPMetric.outrsts, 3)
            $0.add(TCPResetMetric.resets, 3, labels: ["sent", "nosocket", "NO_SOCKET"])
            $0.reset(.noSocket, "NO_SOCKET")
        },
        Evidenced("tcp-memory") {
            $0.add(TCPExtMetric.tcpmemorypressures, 1); $0.add(TCPExtExtraMetric.receivePruned, 1)
        },
        Evidenced("orphan-limit") {
            $0.add(TCPExtMetric.tcpabortonmemory, 2)
            $0.set(SockMetric.orphan, 4000, $0.node)
        },
        Evidenced("tcp-receive-buffer") { $0.add(TCPExtExtraMetric.receivePruned, 3) },
        Evidenced("slow-reader") {
            $0.observe(SocketLatencyExtraMetric.read, microseconds: 2_500_000, times: 5, labels: ["tcp"])
            $0.add(TCPExtExtraMetric.toZeroWindow, 2)
        },
        Evidenced("peer-reads-slowly") { $0.add(TCPExtMetric.tcpwinprobe, 3) },
        Evidenced("close-wait-leak") { $0.add(TCPSummaryMetric.tcpclosewaitconn, 40) },
        Evidenced("process-not-scheduled") {
            $0.add(CPUMetric.periods, 150)
            $0.add(CPUMetric.throttledPeriods, 100)
            $0.set(TCPSummaryMetric.tcprxqueue, 40000)
            $0.set(TCPSummaryMetric.tcpestablishedconn, 120)
            $0.set(TCPSummaryMetric.tcptimewaitconn, 10)
            $0.add(TCPExtMetric.tcptimeouts, 5)
        },
        Evidenced("cpu-contention") {
            $0.observe(TaskLatencyMetric.latency, microseconds: 150_000, times: 4, labels: ["woken"])
        },
        Evidenced("softirq-starvation") {
            $0.add(SoftirqMetric.schedslow100ms, 1, $0.node, labels: ["net_rx"])
        },
        Evidenced("softnet-backlog") { $0.add(SoftnetMetric.dropped, 5, $0.node) },
        Evidenced("disk-latency") {
            $0.observe(BioLatencyMetric.latency, microseconds: 300_000, times: 4, labels: ["write"])
        },
        // The customer's case: slots 15 and 18 of powers of two of microseconds.
        Evidenced("virtio-command") {
            $0.observe(VirtcmdLatencyExtraMetric.duration, microseconds: 1 << 18, times: 1, $0.node)
            $0.observe(VirtcmdLatencyExtraMetric.duration, microseconds: 1 << 15, times: 2, $0.node)
            $0.observe(VirtcmdLatencyExtraMetric.duration, microseconds: 900, times: 20, $0.node)
        },
        Evidenced("slow-netfilter") {
            $0.observe(KernelLatencyExtraMetric.stage, microseconds: 40_000, times: 5, labels: ["rx", "LOCAL_IN"])
        },
        Evidenced("dns-late-answer") {
            $0.add(UDPMetric.noports)
            $0.add(DNSMetric.late)
            $0.happen(
                DNSEvent.lateAnswer, to: 53,
                values: [.string("client"), nil, nil, nil, .string("NOERROR"), .duration(5_400_000_000), .integer(1)])
            $0.add(PacketlossExtraMetric.drops, 1, labels: ["NO_SOCKET", "__udp4_lib_rcv"])
        },
        Evidenced("dns-no-answer") {
            $0.add(DNSMetric.queries, 3, labels: ["client", "udp"])
            $0.add(DNSMetric.unanswered, 3, labels: ["client"])
        },
        Evidenced("dns-retries") {
            $0.add(DNSMetric.queries, 50, labels: ["client", "udp"])
            $0.add(DNSMetric.retried, 3)
        },
        Evidenced("dns-slow") {
            $0.observe(DNSMetric.seconds, microseconds: 1_500_000, times: 3, labels: ["client", "udp"])
        },
        Evidenced("dns-server-failure") { $0.add(DNSMetric.responses, 3, labels: ["client", "SERVFAIL"]) },
        Evidenced("dns-refused") { $0.add(DNSMetric.responses, 3, labels: ["client", "REFUSED"]) },
        Evidenced("udp-receive-buffer") { $0.add(UDP6Metric.rcvbufErrors, 2) },
        Evidenced("udp-send-errors") { $0.add(UDPMetric.sndbuferrors, 1) },
        Evidenced("udp-closed-port") { $0.add(UDPMetric.noports, 200) },
    ]

    /// What a Prometheus server with KubeSkoop's metrics has.
    static let withKubeSkoopOnly: [Evidenced] = [
        Evidenced("listen-overflow") {
            $0.add(TCPExtMetric.listenoverflows, 3); $0.add(TCPExtMetric.listendrops, 3)
        },
        Evidenced("syn-queue-full") { $0.add(TCPExtMetric.listendrops, 20) },
        Evidenced("connect-refused") { $0.add(TCPMetric.attemptfails, 18) },
        Evidenced("connect-unanswered") {
            $0.add(TCPExtMetric.tcpsynretrans, 15); $0.add(TCPMetric.retranssegs, 15)
        },
        Evidenced("conntrack-full") {
            $0.set(ConntrackMetric.entries, 999)
            $0.add(ConntrackMetric.drop, 5)
        },
        Evidenced("path-loss") {
            $0.add(TCPMetric.retranssegs, 40); $0.add(TCPExtMetric.tcpfastretrans, 20)
        },
        Evidenced("netdev-drops") {
            $0.add(NetdevMetric.rxdropped, 40); $0.add(TCPMetric.retranssegs, 30)
        },
        Evidenced("egress-saturated") {
            $0.add(QdiscMetric.drops, 40); $0.add(TCPMetric.retranssegs, 30)
        },
        Evidenced("reset-unread-data") { $0.add(TCPExtMetric.tcpabortonclose, 3) },
        Evidenced("reset-on-data") {
            $0.add(TCPExtMetric.tcpabortondata, 10); $0.add(TCPMetric.passiveopens, 100)
        },
        Evidenced("reset-linger") { $0.add(TCPExtMetric.tcpabortonlinger, 3) },
        Evidenced("peer-gone") { $0.add(TCPExtMetric.tcpabortontimeout, 1) },
        Evidenced("orphan-limit") { $0.add(TCPExtMetric.tcpabortonmemory, 2) },
        Evidenced("paws") { $0.add(TCPExtMetric.pawsestab, 3) },
        Evidenced("process-not-scheduled") {
            $0.set(TCPSummaryMetric.tcprxqueue, 40000)
            $0.set(TCPSummaryMetric.tcptxqueue, 40000)
            $0.set(TCPSummaryMetric.tcpestablishedconn, 120)
            $0.set(TCPSummaryMetric.tcptimewaitconn, 10)
            $0.add(TCPExtMetric.tcptimeouts, 5)
        },
        Evidenced("softnet-backlog") { $0.add(SoftnetMetric.dropped, 5, $0.node) },
        Evidenced("virtio-command") { $0.add(VirtcmdLatencyMetric.latency, 2, $0.node) },
        Evidenced("dns-late-answer") {
            $0.add(UDPMetric.noports)
            $0.add(PacketlossMetric.total, 1, $0.node, labels: TupleLabels.names.map { _ in "" })
        },
        Evidenced("udp-receive-buffer") {
            $0.add(UDPMetric.rcvbuferrors, 2); $0.add(UDPMetric.inerrors, 2)
        },
        Evidenced("udp-send-errors") { $0.add(UDPMetric.sndbuferrors, 1) },
        Evidenced("checksum-errors") {
            $0.add(UDPMetric.incsumerrors, 2); $0.add(UDPMetric.inerrors, 2)
        },
    ]
}
