// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@testable import SkoopAnalysis

/// What is no cause: counters that rise on busy hosts without anybody suffering, and what follows from something else.
@Suite struct HarmlessTests {
    private func found(_ happens: (inout Scenario) -> Void) -> [String] { findings(happens).map(\.rule.id) }

    private func findings(_ happens: (inout Scenario) -> Void) -> [Finding] {
        var scenario = Scenario(pods: ["web", "db"])
        for probe in Set(Catalogue.metrics.map(\.probe)) {
            scenario.set(SelfMetric.probeSuccess, 1, scenario.node, labels: [probe])
            scenario.evidence.probes[probe] = .running
            scenario.evidence.probes[EvidenceKey.events(of: probe)] = .running
        }
        for pod in ["web", "db"] {
            scenario.zero(TCPExtMetric.self, pod)
            scenario.zero(TCPExtExtraMetric.self, pod)
            scenario.zero(TCPMetric.self, pod)
            scenario.zero(NetdevMetric.self, pod)
        }
        for step in 0..<13 {
            for pod in ["web", "db"] {
                scenario.add(TCPMetric.activeopens, 20, pod)
                scenario.add(TCPMetric.passiveopens, 20, pod)
                scenario.add(TCPMetric.outsegs, 2000, pod)
                scenario.add(NetdevMetric.rxpackets, 2000, pod)
            }
            if step >= 10 { happens(&scenario) }
            scenario.snapshot()
        }
        return Analyzer().analyze(scenario.evidence).findings
    }

    @Test func devicesThatDropWhatNobodyMisses() {
        #expect(found { $0.add(NetdevMetric.rxdropped, 400) } == [])
        // A segment now and then is sent again everywhere.
        #expect(
            found {
                $0.add(NetdevMetric.rxdropped, 400); $0.add(TCPMetric.retranssegs, 1)
            } == [])
        #expect(
            found {
                $0.add(NetdevMetric.rxdropped, 400); $0.add(DNSMetric.retried, 1)
            } == ["netdev-drops"])
    }

    @Test func memoryPressureThatTouchesNobody() {
        #expect(found { $0.add(TCPExtMetric.tcpmemorypressures) } == [])
        // An innocent socket notices the end of what others had gone through.
        #expect(found { $0.add(TCPExtMetric.tcpmemorypressureschrono, 90_000, "db") } == [])
        let harmed = found {
            $0.add(TCPExtMetric.tcpmemorypressures)
            $0.observe(SocketLatencyExtraMetric.write, microseconds: 2_000_000, times: 3)
        }
        #expect(harmed == ["tcp-memory"])
    }

    @Test func aPeerThatStandsStillForASecond() {
        // One connection's three timeouts within a second.
        let still = found { scenario in
            guard scenario.now < Scenario.start + 160 * Scenario.second else { return }
            scenario.retransmit("timeout", 3, bytes: 1448, attempts: 3)
        }
        #expect(!still.contains("mtu-black-hole"))
        // All of it had arrived.
        let late = found {
            $0.retransmit("timeout", 10, bytes: 1448, attempts: 3)
            $0.add(TCPExtExtraMetric.duplicateReceived, 8)
        }
        #expect(!late.contains("mtu-black-hole"))
        #expect(found { $0.retransmit("timeout", 30, bytes: 1448, attempts: 3) } == ["mtu-black-hole"])
    }

    /// Clients that close early on purpose, and answers that are errors now and then.
    @Test func aProxyWithAFewOddLines() {
        let found = found { scenario in
            scenario.request("200", "answered", milliseconds: 20, times: 200)
            scenario.request("499", "header", milliseconds: 15, times: 30)
            scenario.request("502", "connect", milliseconds: 1, times: 1)
            scenario.request("500", "answered", milliseconds: 20, times: 3)
            scenario.request("404", "none", milliseconds: 0, times: 100)
        }
        #expect(found == [])
    }

    /// A proxy closes the connection to its upstream when a client leaves, and what still comes is reset.
    @Test func aProxyWhoseClientsLeave() {
        #expect(found { $0.add(TCPExtMetric.tcpabortondata, 10) } == [])
    }

    /// A SYN within a connection counts as an error, and is answered by a question.
    @Test func segmentsThatAreRefusedForOtherReasonsThanChecksums() {
        #expect(found { $0.add(TCPMetric.inerrs, 10) } == [])
        #expect(
            found {
                $0.add(TCPMetric.inerrs, 10); $0.add(TCPExtExtraMetric.checksumErrors, 10)
            } == ["checksum-errors"])
    }

    /// Every pod of a cluster has search domains; where its names are found at once, nobody minds.
    @Test func searchDomainsThatCostNothing() {
        let found = found { scenario in
            scenario.set(ResolverMetric.ndots, 5)
            scenario.set(ResolverMetric.searchDomains, 3)
            scenario.add(DNSMetric.responses, 60, labels: ["client", "NXDOMAIN"])
            scenario.add(DNSMetric.responses, 20, labels: ["client", "NOERROR"])
            scenario.observe(DNSMetric.seconds, microseconds: 900, times: 80, labels: ["client", "udp"])
        }
        #expect(found == [])
    }

    /// What a proxy's log shows follows from what the kernel shows: of the proxy itself, and of its upstream.
    @Test func theLogIsAConsequenceOfTheKernelsCause() {
        let refused = findings { scenario in
            scenario.connect(.failed, "refused")
            scenario.request("502", "connect", milliseconds: 1, times: 10)
        }
        #expect(refused.map(\.rule.id) == ["connect-refused"])
        #expect(refused.first?.consequences.map(\.rule.id) == ["upstream-refused"])
        let overflow = findings { scenario in
            scenario.add(TCPExtMetric.listenoverflows, 20, "db")
            scenario.request("504", "connect", milliseconds: 5000, times: 5)
            // They talk to each other.
            scenario.happen(
                ConnectEvent.failed, source: Peer(kind: .pod, namespace: "default", pod: "web"),
                destination: Peer(kind: .pod, namespace: "default", pod: "db"), values: [.string("timeout")])
        }
        #expect(overflow.map(\.rule.id) == ["listen-overflow"])
        #expect(overflow.first?.consequences.map(\.rule.id).contains("upstream-connect-timeout") == true)
    }
}
