// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@testable import SkoopAnalysis

/// The same faults as other people have them: other ports, loads and durations, and something else at the same time.
@Suite struct VariationTests {
    private func found(_ findings: [Finding]) -> [String] { findings.map(\.rule.id) }

    /// `ip_local_port_range` may begin at 1024.
    @Test(arguments: [(60, 0), (20, 20)] as [(UInt64, UInt64)]) func resetsOfPortsOfAnyRange(
        _ opened: UInt64, _ taken: UInt64
    ) {
        let findings = Scenario.findings(opened: opened, taken: taken) { scenario in
            for port in [2000, 9000, 31_000] as [UInt16] {
                scenario.now += 2 * Scenario.second
                scenario.happen(TCPResetEvent.receive, from: port, values: [.string("TCP_ESTABLISHED")])
            }
        }
        // Whoever takes connections too may have been left by those.
        #expect(found(findings) == (taken == 0 ? ["reset-by-peer"] : []))
    }

    @Test func aServerWhoseClientsReset() {
        let findings = Scenario.findings(opened: 0, taken: 50) { scenario in
            scenario.now += 4 * Scenario.second
            scenario.happen(TCPResetEvent.receive, count: 5, from: 443, values: [.string("TCP_ESTABLISHED")])
        }
        #expect(found(findings) == [])
    }

    /// One of many destinations cannot be reached, and each attempt takes a second until that is known; or it is a few of
    /// thousands.
    @Test(arguments: [(100, ["connect-unreachable"]), (2000, [])] as [(UInt64, [String])]) func unreachableAmongMany(
        _ others: UInt64, _ expected: [String]
    ) {
        let findings = Scenario.findings(opened: 300) { scenario in
            scenario.add(ConnectMetric.total, others, labels: ["established"])
            scenario.connect(.failed, "unreachable", seconds: 1.02)
        }
        #expect(found(findings) == expected)
    }

    /// A task of higher priority that takes a tenth of a second, and one that takes a fifth every ten seconds.
    @Test(arguments: [(70_000, 4), (150_000, 2)] as [(UInt64, UInt64)]) func shortAndRareWaitsForTheCPU(
        _ microseconds: UInt64, _ times: UInt64
    ) {
        func happens(_ scenario: inout Scenario, isHarmed: Bool) {
            scenario.observe(TaskLatencyMetric.latency, microseconds: microseconds, times: times, labels: ["woken"])
            guard isHarmed else { return }
            scenario.observe(
                SocketLatencyExtraMetric.read, microseconds: microseconds, times: times, labels: ["tcp"])
        }
        #expect(found(Scenario.findings { happens(&$0, isHarmed: true) }) == ["cpu-contention"])
        #expect(found(Scenario.findings { happens(&$0, isHarmed: false) }) == [])
    }

    /// Ten an hour: nothing to see in a minute but that they are there.
    @Test func closeWaitThatGrowsSlowly() {
        let few = Scenario.findings(
            opened: 0, taken: 20,
            before: {
                $0.set(TCPSummaryMetric.tcpestablishedconn, 100)
                $0.set(TCPSummaryMetric.tcpclosewaitconn, 60)
            }
        ) { _ in }
        #expect(found(few) == ["close-wait-leak"])
        let besideGood = Scenario.findings(
            opened: 0, taken: 300,
            before: {
                $0.set(TCPSummaryMetric.tcpestablishedconn, 1000)
                $0.set(TCPSummaryMetric.tcpclosewaitconn, 400)
            }
        ) { _ in }
        #expect(found(besideGood) == ["close-wait-leak"])
        // So many are on their way at any moment where thousands come and go.
        let busy = Scenario.findings(
            opened: 0, taken: 60_000,
            before: {
                $0.set(TCPSummaryMetric.tcpestablishedconn, 20)
                $0.set(TCPSummaryMetric.tcpclosewaitconn, 40)
            }
        ) { _ in }
        #expect(found(busy) == [])
    }

    /// A segment lost by chance, in the same pod and minute.
    @Test func aBlackHoleAndALossByChance() throws {
        let alone = Scenario.findings { $0.retransmit("timeout", 30, bytes: 1448, attempts: 3) }
        var isLost = false
        let both = Scenario.findings { scenario in
            scenario.retransmit("timeout", 30, bytes: 1448, attempts: 3)
            if !isLost {
                scenario.retransmit("fast", 1)
                scenario.retransmit("timeout", 1, bytes: 200)
            }
            isLost = true
        }
        #expect(found(both) == ["mtu-black-hole"])
        #expect(try #require(both.first).confidence < #require(alone.first).confidence)
        #expect(
            !found(
                Scenario.findings {
                    $0.retransmit("timeout", 30, bytes: 1448, attempts: 3)
                    $0.retransmit("fast", 20)
                }
            ).contains("mtu-black-hole"))
    }
}
