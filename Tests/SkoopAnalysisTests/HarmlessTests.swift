// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@testable import SkoopAnalysis

/// What is no cause: counters that rise on busy hosts without anybody suffering, and what follows from something else.
@Suite struct HarmlessTests {
    private func found(_ happens: (inout Scenario) -> Void) -> [String] { findings(happens).map(\.rule.id) }

    private func findings(_ happens: (inout Scenario) -> Void) -> [Finding] { Scenario.findings(happens) }

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

    /// A steady rate of short connections.
    @Test func timeWaitThatHarmsNobody() {
        #expect(found { $0.set(TCPSummaryMetric.tcptimewaitconn, 27_000) } == [])
        let harmed = found {
            $0.set(TCPSummaryMetric.tcptimewaitconn, 27_000)
            $0.add(ConnectMetric.total, 3, labels: ["no-port"])
        }
        #expect(harmed == ["port-exhaustion"])
    }

    /// Clients of a server go where there is no network.
    @Test func clientsThatVanish() {
        func found(_ aborted: UInt64, opened: UInt64, taken: UInt64) -> [String] {
            Scenario.findings(opened: opened, taken: taken) { $0.add(TCPExtMetric.tcpabortontimeout, aborted) }
                .map(\.rule.id)
        }
        #expect(found(1, opened: 0, taken: 200) == [])
        #expect(found(10, opened: 0, taken: 200) == ["peer-gone"])
        #expect(found(1, opened: 20, taken: 0) == ["peer-gone"])
    }

    /// A process that uses its limit up and has answered all the same.
    @Test func throttlingThatNobodyNotices() {
        func found(_ microseconds: UInt64) -> [String] {
            self.found {
                $0.add(CPUMetric.periods, 150)
                $0.add(CPUMetric.throttledPeriods, 60)
                $0.set(TCPSummaryMetric.tcprxqueue, 1)
                $0.observe(SocketLatencyExtraMetric.read, microseconds: microseconds, times: 20, labels: ["tcp"])
                $0.observe(SocketLatencyExtraMetric.read, microseconds: 500, times: 1000, labels: ["tcp"])
            }
        }
        #expect(found(900) == [])
        #expect(found(90_000) == ["process-not-scheduled"])
    }

    /// One packet among many, on a node whose pods lose packets for reasons of their own.
    @Test func aBacklogThatOverflowedOnce() {
        let findings = findings {
            $0.add(SoftnetMetric.dropped, 1, $0.node)
            $0.retransmit("fast", 40)
        }
        #expect(findings.map(\.rule.id) == ["path-loss"])
        #expect(found { $0.add(SoftnetMetric.dropped, 100, $0.node) } == ["softnet-backlog"])
    }

    @Test func aPortThatTwoConnectionsWantAtOnce() {
        #expect(found { $0.add(ConntrackMetric.insertfailed, 1) } == [])
    }
}
