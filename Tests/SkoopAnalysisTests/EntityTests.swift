// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@testable import SkoopAnalysis

/// Entities that come and go, on nodes that use the numbers of network namespaces again.
@Suite struct EntityTests {
    private static let inode = NamespaceID(rawValue: 4_026_532_777)
    private static let analyzer = Analyzer(rules: [
        Rule(
            "overflow", guides: [.http], symptom: "", cause: "",
            when: Quantity.increase(Measure(TCPExtMetric.listenoverflows)) >= 1, advice: [])
    ])

    private func pod(_ name: String) -> Entity {
        Entity(kind: .pod, namespace: Self.inode, podNamespace: "default", podName: name)
    }

    private func snapshot(_ step: UInt64, _ pods: [(Entity, UInt64)]) -> Snapshot {
        var table = EntityTable(node: "n")
        var family = Family(TCPExtMetric.listenoverflows.metric)
        for (entity, value) in pods { family.append(value, for: table.append(entity)) }
        return Snapshot(
            timestamp: Scenario.start + step * 15 * Scenario.second, entities: table, families: [family])
    }

    /// A pod, and then another one in a namespace of the same number.
    private func reused() -> Evidence {
        var evidence = Evidence()
        for step in 0..<6 as Range<UInt64> { evidence.add(snapshot(step, [(pod("a"), 5)])) }
        for step in 6..<12 as Range<UInt64> { evidence.add(snapshot(step, [(pod("b"), 0)])) }
        return evidence
    }

    @Test func aNamespaceNumberThatComesAgainIsReadBackAsItWas() {
        let evidence = reused()
        var again = Evidence()
        evidence.forEachSnapshot { snapshot in
            #expect(snapshot.entities.entities.count == 2)
            again.add(snapshot)
        }
        #expect(again.entities.filter { $0.entity.kind == .pod }.map(\.name) == ["default/a", "default/b"])
        #expect(Self.analyzer.analyze(again).findings.isEmpty)
        #expect(again.history.series.count == 2)
    }

    @Test func twoNamesOfOneNamespaceNumberStayTwo() {
        var evidence = reused()
        var table = EntityTable(node: "n")
        var family = Family(ResolverMetric.ndots.metric)
        for name in ["a", "b"] { family.append(5, for: table.append(pod(name))) }
        evidence.overlay([Snapshot(timestamp: Scenario.start, entities: table, families: [family])])
        #expect(evidence.entities.filter { $0.entity.kind == .pod }.map(\.name) == ["default/a", "default/b"])
    }

    @Test func aNameThatIsLearntLateIsOfTheSameEntity() {
        var evidence = Evidence()
        evidence.add(snapshot(0, [(Entity(kind: .unknown, namespace: Self.inode), 5)]))
        evidence.add(snapshot(1, [(pod("a"), 6)]))
        evidence.add(snapshot(2, [(Entity(kind: .unknown, namespace: Self.inode), 7)]))
        #expect(evidence.history.series.count == 1)
        #expect(Self.analyzer.analyze(evidence).findings.map(\.subject.name) == ["default/a"])
    }

    @Test func whatIsGoneIsForgotten() {
        var evidence = Evidence(span: 300 * Scenario.second)
        for step in 0..<400 as Range<UInt64> {
            let job = Entity(
                kind: .pod, namespace: NamespaceID(rawValue: 4_026_600_000 + step / 2), podNamespace: "jobs",
                podName: "job-\(step / 2)")
            evidence.add(snapshot(step, [(pod("web"), step), (job, 1)]))
            var event = Event(
                type: ConnectEvent.failed.type, timestamp: evidence.times.last ?? 0, node: "n", entity: job)
            event.count = 1
            evidence.add(event)
        }
        #expect(evidence.entities.count < 30, "\(evidence.entities.count)")
        #expect(evidence.eventCount.kept < 40, "\(evidence.eventCount)")
        // What is left is what it was.
        let web = Self.analyzer.analyze(evidence).findings.first { $0.subject.name == "default/web" }
        #expect(web?.to == evidence.times.last)
        #expect(Set(evidence.events.map(\.entity.podName)).isSuperset(of: ["job-199", "job-195"]))
        for (key, events) in evidence.log.events {
            #expect(events.allSatisfy { $0.entity.podName == evidence.entities[key.entity].entity.podName })
        }
    }
}
