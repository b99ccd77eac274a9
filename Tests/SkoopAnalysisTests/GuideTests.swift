// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@testable import SkoopAnalysis

/// What the guides look at besides what a cause is found by.
@Suite struct GuideTests {
    private func found(_ happens: (inout Scenario) -> Void) -> [String] { Scenario.findings(happens).map(\.rule.id) }

    private func clues(_ happens: (inout Scenario) -> Void) -> [String] {
        Scenario.findings(happens).flatMap { $0.observations.map(\.meaning) }
    }

    /// One datagram without a socket is nothing; that it was dropped at the same time makes it an answer come late.
    @Test func lateAnswersWithoutTheProbeOfDNS() {
        func found(_ lost: UInt64) -> [String] {
            Scenario.findings(probes: ["udp", "packetloss"]) {
                $0.add(UDPMetric.noports)
                $0.add(PacketlossMetric.total, lost, $0.node, labels: TupleLabels.names.map { _ in "" })
            }.map(\.rule.id)
        }
        #expect(found(1) == ["dns-late-answer"])
        #expect(found(0) == [])
    }

    /// The DNS server's own pod is looked at where a client's finding names it.
    @Test func theResolversOwnPod() throws {
        func confidence(_ errors: UInt64) throws -> Double {
            let findings = Scenario.findings { scenario in
                scenario.add(DNSMetric.queries, 3, labels: ["client", "udp"])
                scenario.add(DNSMetric.unanswered, 3, labels: ["client"])
                scenario.add(UDPMetric.inerrors, errors, "db")
                scenario.happen(
                    DNSEvent.noAnswer, to: 53, destination: Peer(kind: .pod, namespace: "default", pod: "db"))
            }
            return try #require(findings.first { $0.rule.id == "dns-no-answer" }).confidence
        }
        #expect(try confidence(3) > confidence(0) + 0.02)
    }

    @Test func datagramsThatDoNotReachTheirProcess() {
        let harmed = found {
            $0.add(UDPMetric.inerrors, 3)
            $0.add(DNSMetric.retried, 1)
        }
        #expect(harmed == ["udp-receive-buffer"])
        #expect(found { $0.add(UDPMetric.inerrors, 3) } == [])
    }

    @Test func queriesThatLeaveLate() {
        let late = clues {
            $0.add(UDPMetric.sndbuferrors, 2)
            // As many as before are not sent.
            $0.add(UDPMetric.outdatagrams, 0)
        }
        #expect(!late.contains(Common.sendsLess.meaning))
        var scenario = Scenario()
        scenario.evidence.probes["udp"] = .running
        for step in 0..<18 {
            scenario.add(UDPMetric.outdatagrams, step < 10 ? 300 : 10)
            scenario.add(UDPMetric.sndbuferrors, step < 10 ? 0 : 2)
            scenario.snapshot()
        }
        let findings = Analyzer().analyze(scenario.evidence).findings
        let sent = findings.first { $0.rule.id == "udp-send-errors" }
        #expect(sent?.observations.contains { $0.meaning == Common.sendsLess.meaning } == true)
    }

    @Test func acknowledgementsThatWereNotSent() {
        let skipped = clues {
            $0.add(TCPExtMetric.pawsestab, 3)
            $0.add(TCPExtMetric.tcpackskippedpaws, 3)
        }
        #expect(skipped.contains("there were so many that not all of them were answered"))
        let handshakes = clues {
            $0.retransmit("synack", 15)
            $0.add(TCPExtMetric.tcpackskippedsynrecv, 3)
        }
        #expect(handshakes.contains("segments that do not fit came for handshakes that were not finished"))
    }

    @Test func inputAndOutputOfASlowProcess() {
        let slow = Scenario.findings {
            $0.observe(SocketLatencyExtraMetric.read, microseconds: 2_500_000, times: 5, labels: ["tcp"])
        }
        #expect(slow.map(\.rule.id) == ["slow-reader"])
        var scenario = Scenario()
        for step in 0..<18 {
            scenario.add(IOMetric.readsyscall, step < 10 ? 3000 : 30)
            scenario.add(IOMetric.writesyscall, step < 10 ? 3000 : 30)
            if step >= 10 {
                scenario.observe(SocketLatencyExtraMetric.read, microseconds: 2_500_000, times: 5, labels: ["tcp"])
            }
            scenario.snapshot()
        }
        let waiting = Analyzer().analyze(scenario.evidence).findings.first { $0.rule.id == "slow-reader" }
        #expect(waiting?.observations.contains { $0.meaning.contains("reads and writes less") } == true)
    }

    @Test func packetsOfOneCPU() {
        func clues(_ second: UInt64) -> [String] {
            self.clues {
                $0.add(SoftnetMetric.dropped, 100, $0.node)
                $0.add(SoftnetExtraMetric.processed, 9000, $0.node, labels: ["0"])
                $0.add(SoftnetExtraMetric.processed, second, $0.node, labels: ["1"])
            }
        }
        #expect(clues(10).contains(Common.firstCPUOnly.meaning))
        #expect(!clues(8000).contains(Common.firstCPUOnly.meaning))
    }

    /// A customer's Tomcat: only the drops are there to see, and the queue that is full.
    @Test func dropsOfAFullAcceptQueue() {
        let full = found {
            $0.add(TCPExtMetric.listendrops, 3)
            $0.set(TCPSummaryExtraMetric.acceptQueueLength, 100)
            $0.set(TCPSummaryExtraMetric.acceptQueueLimit, 100)
        }
        #expect(full == ["listen-overflow"])
    }
}
