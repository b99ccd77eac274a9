// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopEvidence
import SkoopModel
import Testing

/// Evidence of several sources is one.
@Suite struct MergingTests {
    private static let overflows = TCPExtMetric.listenoverflows.metric

    /// What a counter of a pod was, by seconds.
    private func evidence(
        _ node: String, _ values: [(second: UInt64, value: UInt64)], of metric: Metric = overflows, gap: String? = nil
    ) -> Evidence {
        var evidence = Evidence(span: .max / 4)
        for (second, value) in values {
            var table = EntityTable(node: node)
            var family = Family(metric)
            let pod = table.append(
                Entity(kind: .pod, namespace: NamespaceID(rawValue: 0), podNamespace: "a", podName: "b"))
            family.append(value, for: pod)
            evidence.add(
                Snapshot(timestamp: Sample.start + second * Sample.second, entities: table, families: [family]))
        }
        if let gap { evidence.gaps.append(gap) }
        return evidence
    }

    /// How much the counter grew, by node.
    private func increases(_ evidence: Evidence, _ metric: Metric = overflows) throws -> [String: Double] {
        let test = Test(.increase(Measure(metrics: [metric])), .atLeast, 0)
        let range = try #require(evidence.range)
        let pods = evidence.entities.filter { $0.entity.kind == .pod }
        let asked = pods.map { Observation(subject: $0, test: test, value: 0) }
        let sums = evidence.curves(of: asked, range: range).map { $0.points.compactMap(\.value).reduce(0, +) }
        return Dictionary(uniqueKeysWithValues: zip(pods.map(\.node), sums))
    }

    @Test func timesOfAllAreThere() throws {
        let early = evidence("n", [(0, 1), (10, 3)], gap: "one")
        let late = evidence("n", [(60, 4), (70, 9)], gap: "two")
        let other = evidence("m", [(5, 7), (65, 9)])
        for parts in [[early, late, other], [late, other, early], [other, late, early]] {
            let all = Evidence(merging: parts)
            let increases = try increases(all)
            #expect(increases == ["n": 8, "m": 2])
            #expect(all.times == all.times.sorted() && all.times.count == 6)
            #expect(Set(all.gaps) == ["one", "two"])
        }
    }

    /// A server's copy of a counter is behind what the kernel said, and both together would fall again and again.
    @Test func theSameIsTakenOnce() throws {
        let exact = evidence("n", [(0, 100), (10, 110), (20, 120)])
        let behind = evidence("n", [(1, 95), (11, 105), (21, 115), (31, 125)])
        let more = evidence("n", [(1, 5), (11, 6)], of: TCPMetric.retranssegs.metric)
        let all = Evidence(merging: [exact, behind, more])
        #expect(try increases(all) == ["n": 20])
        #expect(try increases(all, TCPMetric.retranssegs.metric) == ["n": 1])
        #expect(all.gaps == ["n: 1 metric comes from two sources; that of the first one counts"])
        #expect(try increases(Evidence(merging: [behind, exact])) == ["n": 30])
    }

    @Test func eventsAndProbesOfAllAreThere() {
        func events(_ second: UInt64) -> Evidence {
            var evidence = Evidence(span: .max / 4)
            evidence.add(
                Event(
                    type: ConnectEvent.noAnswer.type, timestamp: Sample.start + second * Sample.second, node: "n",
                    entity: Entity(
                        kind: .pod, namespace: NamespaceID(rawValue: 7), podNamespace: "a", podName: "b")))
            return evidence
        }
        var metrics = evidence("n", [(0, 1), (10, 3)])
        metrics.probes = ["tcp": .off, "dns": .running]
        var first = events(1)
        first.probes = ["tcp": .running, "dns": .off, "io": .failed("no")]
        for parts in [[first, metrics, events(2)], [metrics, first, events(2)]] {
            let all = Evidence(merging: parts)
            #expect(all.eventCount.kept == 2 && all.entities.count { $0.entity.kind == .pod } == 1)
            #expect(all.probes == ["tcp": .running, "dns": .running, "io": .failed("no")])
        }
        #expect(Evidence(merging: []).range == nil)
    }
}
