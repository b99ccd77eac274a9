// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@testable import SkoopAnalysis

@Suite struct QuantityTests {
    private func value(_ quantity: Quantity, _ scenario: Scenario, last steps: Int) throws -> Double? {
        var evaluation = Evaluation(scenario.evidence, range: try #require(scenario.evidence.range))
        _ = evaluation.add(quantity >= 0)
        let end = evaluation.grid.times.count
        let entity = try #require(scenario.evidence.entities.firstIndex { $0.entity.podName == "web" })
        return evaluation.value(evaluation.plan.checks[0].reading, entity, end - steps..<end)
    }

    @Test func increasesAndRates() throws {
        var scenario = Scenario()
        for value in [10, 20, 20, 5, 35] as [UInt64] {
            scenario.set(UDPMetric.noports, value)
            scenario.set(UDP6Metric.noPorts, value)
            scenario.snapshot(after: 10)
        }
        let both = Measure(UDPMetric.noports, UDP6Metric.noPorts)
        #expect(try value(.increase(both), scenario, last: 4) == 90)
        #expect(try value(.increase(Measure(UDPMetric.noports)), scenario, last: 2) == 35)
        #expect(try value(.rate(both), scenario, last: 1) == 6)
    }

    @Test func levels() throws {
        var scenario = Scenario()
        for value in [4, 9, 2] as [UInt64] {
            scenario.set(TCPSummaryMetric.tcprxqueue, value)
            scenario.set(TCPSummaryMetric.tcptxqueue, 10)
            scenario.snapshot()
        }
        let queue = Measure(TCPSummaryMetric.tcprxqueue)
        #expect(try value(.level(queue, .maximum), scenario, last: 2) == 9)
        #expect(try value(.level(queue, .minimum), scenario, last: 2) == 2)
        #expect(try value(.level(queue, .mean), scenario, last: 2) == 5.5)
        #expect(try value(.level(queue, .last), scenario, last: 2) == 2)
        #expect(try value(.fill(queue, Measure(TCPSummaryMetric.tcptxqueue)), scenario, last: 2) == 0.9)
        scenario.forget(TCPSummaryMetric.tcprxqueue)
        scenario.snapshot()
        #expect(try value(.level(queue, .last), scenario, last: 1) == nil)
    }

    @Test func takesPagesThatHaveEveryThirdBucketOnly() throws {
        let metric = SocketLatencyExtraMetric.read.metric
        var evidence = Evidence()
        for step in [0, 1] as [UInt64] {
            var family = Family(metric)
            // 100 observations below 32 us and one of about a second; the bounds kept are 8, 64, ... us.
            let counts = (0..<27).map { slot in step * (slot == 4 ? 100 : slot == 20 ? 1 : 0) }
            family.append(sum: 0, counts: counts, for: 1, labels: ["TCP"])
            var table = EntityTable(node: "n")
            table.append(Entity(kind: .pod, namespace: NamespaceID(rawValue: 9), podName: "web"))
            evidence.add(
                Snapshot(timestamp: 1 + step, entities: table, families: [family.merging(buckets: 3)]))
        }
        var scenario = Scenario()
        scenario.evidence = evidence
        let read = Measure(SocketLatencyExtraMetric.read)
        #expect(try value(.increase(read), scenario, last: 1) == 101)
        #expect(try value(.quantile(read, 0.5), scenario, last: 1) == 64e-6)
        #expect(try value(.above(read, 0.1), scenario, last: 1) == 1)
        #expect(try value(.above(read, 64e-6), scenario, last: 1) == 1)
    }

    @Test func choosesByLabels() throws {
        var scenario = Scenario()
        scenario.set(PacketlossExtraMetric.drops, 1, labels: ["NETFILTER_DROP", "f"])
        scenario.set(PacketlossExtraMetric.drops, 1, labels: ["NO_SOCKET", "g"])
        scenario.snapshot()
        scenario.add(PacketlossExtraMetric.drops, 3, labels: ["NETFILTER_DROP", "f"])
        scenario.add(PacketlossExtraMetric.drops, 4, labels: ["NO_SOCKET", "g"])
        scenario.snapshot()
        let drops = Measure(PacketlossExtraMetric.drops)
        #expect(try value(.increase(drops), scenario, last: 1) == 7)
        #expect(try value(.increase(drops.where("reason", "NETFILTER_DROP")), scenario, last: 1) == 3)
        #expect(try value(.increase(drops.except("reason", "NETFILTER_DROP")), scenario, last: 1) == 4)
        #expect(try value(.ratio(drops.where("reason", "NETFILTER_DROP"), drops), scenario, last: 1) == 3 / 7.0)
    }

    @Test func readsHistograms() throws {
        var scenario = Scenario()
        scenario.observe(ConnectMetric.seconds, microseconds: 100, times: 5)
        scenario.snapshot()
        scenario.observe(ConnectMetric.seconds, microseconds: 100, times: 7)
        scenario.observe(ConnectMetric.seconds, microseconds: 300_000, times: 2)
        scenario.observe(ConnectMetric.seconds, microseconds: 1_000_000, times: 1)
        scenario.snapshot()
        let connects = Measure(ConnectMetric.seconds)
        #expect(try value(.increase(connects), scenario, last: 1) == 10)
        #expect(try value(.quantile(connects, 0.5), scenario, last: 1) == 128e-6)
        #expect(try value(.quantile(connects, 0.99), scenario, last: 1) == 1.048576)
        // 300 ms is in the slot from 262 ms on.
        #expect(try value(.above(connects, 0.262144), scenario, last: 1) == 3)
        #expect(try value(.above(connects, 0.3), scenario, last: 1) == 1)
        #expect(try value(.shareAbove(connects, 0.262144), scenario, last: 1) == 0.3)
    }

    @Test func comparesWithTheEntitysOwnBaseline() throws {
        var scenario = Scenario()
        scenario.set(TCPSummaryMetric.tcpestablishedconn, 100)
        for step in 0..<20 {
            scenario.set(TCPSummaryMetric.tcpestablishedconn, 100 + UInt64(step % 3) * 10)
            scenario.add(TCPMetric.retranssegs, 15 + UInt64(step % 2))
            scenario.snapshot()
        }
        let established = Measure(TCPSummaryMetric.tcpestablishedconn)
        #expect(try value(.change(established, floor: 1), scenario, last: 1) == 1)
        scenario.set(TCPSummaryMetric.tcpestablishedconn, 330)
        scenario.add(TCPMetric.retranssegs, 160)
        scenario.snapshot()
        #expect(try value(.change(established, floor: 1), scenario, last: 1) == 3)
        #expect(try value(.change(established, floor: 330), scenario, last: 1) == 1)
        let rate = try #require(try value(.change(Measure(TCPMetric.retranssegs), floor: 0.1), scenario, last: 1))
        #expect((9...11).contains(rate))
        var short = Scenario()
        short.set(TCPSummaryMetric.tcpestablishedconn, 1)
        short.snapshot()
        short.snapshot()
        #expect(try value(.change(established, floor: 1), short, last: 1) == nil)
    }

    @Test func tellsHowLongEventsLast() throws {
        var scenario = Scenario()
        scenario.set(UDPMetric.noports, 1)
        scenario.snapshot()
        let query = EventQuery(ConnectEvent.failed)
        for pause in [2, 3, 4] as [UInt64] {
            scenario.now += pause * Scenario.second
            scenario.happen(ConnectEvent.failed)
        }
        scenario.snapshot()
        #expect(try value(.lasting(query), scenario, last: 1) == 7)
        #expect(try value(.lasting(EventQuery(ConnectEvent.slow)), scenario, last: 1) == 0)
    }
}
