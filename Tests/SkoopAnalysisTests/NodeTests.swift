// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@testable import SkoopAnalysis

/// Several nodes, not all of which are there all the time and see the same.
@Suite struct NodeTests {
    private static let overflow = Rule(
        "overflow", guides: [.http], symptom: "", cause: "",
        when: Quantity.increase(Measure(TCPExtMetric.listenoverflows)) >= 3, confidence: 0.8, advice: [])
    private static let loss = Rule(
        "loss", guides: [.loss], symptom: "", cause: "",
        when: Quantity.rate(Measure(TCPMetric.retranssegs)) > 1, advice: [])
    private static let refused = Rule(
        "refused", guides: [.http], symptom: "", cause: "",
        when: Quantity.increase(Measure(TCPExtMetric.listenoverflows)) >= 1
            && !(Quantity.events(EventQuery(ConnectEvent.noAnswer)) >= 1), advice: [])

    private func analyze(_ evidence: Evidence, _ rules: Rule...) -> Analysis {
        Analyzer(rules: rules).analyze(evidence)
    }

    /// Adds a snapshot of a node with one pod.
    private func add(
        _ node: String, at seconds: UInt64, to evidence: inout Evidence, _ values: [Metric: UInt64],
        probes: [String] = []
    ) {
        var table = EntityTable(node: node)
        let pod = table.append(
            Entity(
                kind: .pod, namespace: NamespaceID(rawValue: 4_026_532_001), podNamespace: "default",
                podName: "pod-of-\(node)"))
        var families = values.map { metric, value in
            var family = Family(metric)
            family.append(value, for: pod)
            return family
        }
        var success = Family(SelfMetric.probeSuccess.metric)
        for probe in probes { success.append(1, labels: [probe]) }
        if !probes.isEmpty { families.append(success) }
        evidence.add(
            Snapshot(
                timestamp: Scenario.start + seconds * Scenario.second, entities: table, families: families))
    }

    private let overflows = TCPExtMetric.listenoverflows.metric
    private let segments = TCPMetric.retranssegs.metric

    @Test(arguments: [[], ["tcpext", "tcp"]]) func aNodeThatComesLateHasCountedForLong(probes: [String]) {
        var evidence = Evidence()
        for step in 0..<20 as Range<UInt64> {
            add("a", at: step * 15, to: &evidence, [overflows: 1, segments: 5], probes: probes)
            guard step >= 10 else { continue }
            add("b", at: step * 15, to: &evidence, [overflows: 90_000, segments: 800_000], probes: probes)
        }
        #expect(analyze(evidence, Self.overflow, Self.loss).findings.isEmpty)
    }

    @Test func whatANodeCountedWhileItWasAwayIsOfAllThatTime() throws {
        func away(_ overflow: UInt64) -> Evidence {
            var evidence = Evidence()
            for step in 0...80 as ClosedRange<UInt64> {
                add("a", at: step * 15, to: &evidence, [overflows: 0, segments: 0])
                if (20..<80).contains(step) { continue }
                // 450 segments in the 15 minutes it was away are one in two seconds.
                let isBack = step == 80
                add("b", at: step * 15, to: &evidence, [overflows: isBack ? overflow : 0, segments: isBack ? 450 : 0])
            }
            return evidence
        }
        let few = analyze(away(3), Self.overflow, Self.loss)
        let finding = try #require(few.findings.first)
        #expect(few.findings.map(\.rule.id) == ["overflow"])
        #expect(finding.confidence < 0.5 && finding.missing.first?.what.contains("60 s") ?? false, "\(finding)")
        // Three of a hundred in fifteen minutes have fallen into one of them, however they were spread.
        let many = try #require(analyze(away(100), Self.overflow).findings.first)
        #expect(abs(many.confidence - 0.8) < 1e-9 && many.missing.isEmpty)
    }

    @Test func twoScrapesAnHourApartProveLessThanTwoAMinuteApart() throws {
        func confidence(_ seconds: UInt64, _ count: UInt64) -> Double? {
            var evidence = Evidence(span: .max / 4)
            add("a", at: 0, to: &evidence, [overflows: 7])
            add("a", at: seconds, to: &evidence, [overflows: 7 + count])
            return analyze(evidence, Self.overflow).findings.first?.confidence
        }
        let near = try #require(confidence(60, 3))
        #expect(abs(near - 0.8) < 1e-9)
        #expect(try #require(confidence(3600, 3)) < 0.5)
        #expect(confidence(3600, 121) == near)
        #expect(confidence(3600, 2) == nil)
    }

    @Test func eachNodeIsJudgedByWhatItShows() throws {
        var evidence = Evidence()
        for step in 0..<4 as Range<UInt64> {
            add("a", at: step * 15, to: &evidence, [overflows: 0, segments: 0])
            add("b", at: step * 15, to: &evidence, [overflows: 0])
        }
        let open = analyze(evidence, Self.loss).undecided
        #expect(open.map(\.subject?.node) == ["b"] && open.map(\.subject?.entity.kind) == [.node], "\(open)")
        #expect(open.first?.missing.map(\.probe) == ["tcp"])
        // What nobody shows is said once.
        let unanswered = Rule(
            "unanswered", guides: [.http], symptom: "", cause: "",
            when: Quantity.events(EventQuery(ConnectEvent.noAnswer)) >= 1, advice: [])
        #expect(analyze(evidence, unanswered).undecided.map(\.subject) == [nil])
        // What a node's recording says goes for that node.
        evidence.probes[EvidenceKey.probe(EvidenceKey.events(of: "connect"), on: "a")] = .running
        evidence.probes[EvidenceKey.events(of: "connect")] = .off
        #expect(analyze(evidence, unanswered).undecided.map(\.subject?.node) == ["b"])
    }

    @Test func noEventsProveNothingWhereNobodyGaveAny() throws {
        var evidence = Evidence()
        for step in 0..<4 as Range<UInt64> {
            add("a", at: step * 15, to: &evidence, [overflows: step], probes: ["tcpext", "connect"])
        }
        let analysis = analyze(evidence, Self.refused)
        #expect(analysis.findings.isEmpty)
        let open = try #require(analysis.undecided.first)
        #expect(open.missing == [Missing(probe: "connect", what: ConnectEvent.noAnswer.type.name, state: .unknown)])
        // A log of all events that has none is another matter, and so is one that has others of the probe.
        var logged = evidence
        logged.hasEventSource = true
        #expect(analyze(logged, Self.refused).findings.count == 1)
        let time = try #require(evidence.times.last)
        let pod = evidence.entities.first { $0.entity.kind == .pod }
        evidence.add(
            Event(
                type: ConnectEvent.slow.type, timestamp: time, node: "a", entity: try #require(pod).entity))
        #expect(analyze(evidence, Self.refused).findings.count == 1)
    }
}
