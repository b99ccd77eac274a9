// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@testable import SkoopAnalysis

@Suite struct AnalyzerTests {
    private static let overflow = Rule(
        "overflow", guides: [.http], symptom: "slow", cause: "full",
        when: Quantity.increase(Measure(TCPExtMetric.listenoverflows)) >= 1, confidence: 0.8,
        supports: [Clue(Quantity.events(EventQuery(ConnectEvent.noAnswer)) >= 1, "seen")],
        contradicts: [Clue(Quantity.increase(Measure(TCPExtMetric.tcptimeouts)) >= 10, weight: 2, "other trouble")],
        explains: ["retransmits"], advice: ["accept"])
    private static let retransmits = Rule(
        "retransmits", guides: [.loss], symptom: "slow", cause: "loss",
        when: Quantity.rate(Measure(TCPMetric.retranssegs)) > 0.1, advice: ["look"])
    private static let analyzer = Analyzer(rules: [overflow, retransmits])

    /// A pod whose counters have stood still for some minutes.
    private func quiet() -> Scenario {
        var scenario = Scenario(pods: ["web", "db"])
        for pod in ["web", "db"] {
            scenario.set(TCPExtMetric.listenoverflows, 7, pod)
            scenario.set(TCPMetric.retranssegs, 100, pod)
            scenario.set(TCPExtMetric.tcptimeouts, 3, pod)
        }
        for _ in 0..<10 { scenario.snapshot() }
        return scenario
    }

    @Test func findsNothingWhereNothingHappens() {
        let analysis = Self.analyzer.analyze(quiet().evidence)
        #expect(analysis.findings.isEmpty)
        #expect(analysis.undecided.isEmpty)
        #expect((analysis.snapshots, analysis.entities) == (10, 3))
    }

    @Test func saysToWhomAndWhenAndWhy() throws {
        var scenario = quiet()
        let begin = scenario.now
        scenario.add(TCPExtMetric.listenoverflows, 5, "db")
        scenario.snapshot()
        let end = scenario.now
        for _ in 0..<10 { scenario.snapshot() }
        let finding = try #require(Self.analyzer.analyze(scenario.evidence).findings.first)
        #expect(finding.rule.id == "overflow")
        #expect(finding.subject.name == "default/db")
        #expect((finding.from, finding.to) == (begin, end))
        #expect(finding.observations.map(\.value) == [5])
        #expect(finding.missing.map(\.probe) == ["connect"])
        #expect(abs(finding.confidence - 0.8) < 1e-9)
    }

    @Test func putsConsequencesBelowTheirCause() throws {
        var scenario = quiet()
        scenario.add(TCPExtMetric.listenoverflows, 5)
        scenario.add(TCPMetric.retranssegs, 50)
        scenario.add(TCPMetric.retranssegs, 50, "db")
        scenario.snapshot()
        let findings = Self.analyzer.analyze(scenario.evidence).findings
        #expect(
            Set(findings.map { "\($0.rule.id) \($0.subject.name)" }) == [
                "overflow default/web", "retransmits default/db",
            ])
        let cause = try #require(findings.first { $0.rule.id == "overflow" })
        #expect(cause.consequences.map(\.rule.id) == ["retransmits"])
        // Once the two are known to talk to each other, it explains the other one's too.
        scenario.happen(
            ConnectEvent.noAnswer, "db", source: Peer(kind: .pod, namespace: "default", pod: "db"),
            destination: Peer(kind: .pod, namespace: "default", pod: "web"))
        scenario.snapshot()
        let related = Self.analyzer.analyze(scenario.evidence).findings
        #expect(related.map(\.rule.id) == ["overflow"])
        #expect(related.first?.consequences.map(\.subject.name).sorted() == ["default/db", "default/web"])
    }

    @Test func weighsWhatSupportsAndWhatContradicts() throws {
        func confidence(_ change: (inout Scenario) -> Void) throws -> Finding {
            var scenario = quiet()
            scenario.add(TCPExtMetric.listenoverflows)
            scenario.now += 1
            change(&scenario)
            scenario.snapshot()
            return try #require(Self.analyzer.analyze(scenario.evidence).findings.first { $0.rule.id == "overflow" })
        }
        let plain = try confidence { _ in }
        let supported = try confidence { $0.happen(ConnectEvent.noAnswer) }
        let contradicted = try confidence { $0.add(TCPExtMetric.tcptimeouts, 10) }
        #expect(supported.confidence > plain.confidence && plain.confidence > contradicted.confidence)
        #expect(supported.missing.isEmpty)
        #expect(supported.observations.map(\.meaning) == ["", "seen"])
        #expect(contradicted.contradictions.map(\.value) == [10])
    }

    @Test func saysWhatCannotBeTold() throws {
        var scenario = Scenario()
        scenario.set(TCPExtMetric.listenoverflows, 0)
        scenario.snapshot()
        scenario.snapshot()
        scenario.evidence.probes["tcp"] = .off
        let analysis = Self.analyzer.analyze(scenario.evidence)
        #expect(analysis.findings.isEmpty)
        let open = try #require(analysis.undecided.first)
        #expect(open.rule.id == "retransmits" && open.subject == nil)
        #expect(open.missing == [Missing(probe: "tcp", what: TCPMetric.retranssegs.metric.name, state: .off)])
    }

    @Test func countsOnThroughResetsGapsAndRestarts() {
        var scenario = quiet()
        // The agent was away for five minutes and counts from zero again.
        scenario.set(TCPExtMetric.listenoverflows, 2)
        scenario.snapshot(after: 300)
        let findings = Self.analyzer.analyze(scenario.evidence).findings
        #expect(findings.map { $0.observations.first?.value } == [2])
    }

    @Test func countsAllOfAPodThatCameLate() throws {
        var scenario = quiet()
        scenario.pods.append("late")
        scenario.set(TCPExtMetric.listenoverflows, 3, "late")
        scenario.snapshot()
        let finding = try #require(Self.analyzer.analyze(scenario.evidence).findings.first)
        #expect((finding.subject.name, finding.observations.first?.value) == ("default/late", 3))
    }

    @Test func takesNothingForNewThatAProbeSwitchedOnLateHasCountedForLong() {
        var scenario = Scenario()
        scenario.set(TCPMetric.retranssegs, 100)
        scenario.snapshot()
        scenario.snapshot()
        scenario.set(TCPExtMetric.listenoverflows, 1000)
        scenario.snapshot()
        scenario.snapshot()
        #expect(Self.analyzer.analyze(scenario.evidence).findings.isEmpty)
    }

    @Test func needsTwoScrapesAndNoMore() {
        var scenario = Scenario()
        scenario.set(TCPExtMetric.listenoverflows, 1000)
        scenario.snapshot()
        #expect(Self.analyzer.analyze(scenario.evidence).findings.isEmpty)
        scenario.add(TCPExtMetric.listenoverflows)
        scenario.snapshot(after: 600)
        #expect(Self.analyzer.analyze(scenario.evidence).findings.count == 1)
    }

    @Test func takesEventsWithoutAnySnapshot() {
        let rule = Rule(
            "events", guides: [.dns], symptom: "", cause: "",
            when: Quantity.events(EventQuery(DNSEvent.error).where("rcode", "SERVFAIL")) >= 2, advice: [])
        var scenario = Scenario()
        for code in ["SERVFAIL", "NXDOMAIN", "SERVFAIL"] {
            scenario.now += 5 * Scenario.second
            scenario.happen(DNSEvent.error, values: [nil, nil, nil, nil, .string(code)])
        }
        let findings = Analyzer(rules: [rule]).analyze(scenario.evidence).findings
        #expect(findings.map { $0.observations.first?.value } == [2])
    }

    @Test func looksOnlyAtTheRangeAskedFor() {
        var scenario = quiet()
        let begin = scenario.now
        scenario.add(TCPExtMetric.listenoverflows)
        scenario.snapshot()
        for _ in 0..<8 { scenario.snapshot() }
        #expect(Self.analyzer.analyze(scenario.evidence, range: begin...scenario.now).findings.count == 1)
        let later = begin + 40 * Scenario.second
        #expect(Self.analyzer.analyze(scenario.evidence, range: later...scenario.now).findings.isEmpty)
        #expect(Self.analyzer.analyze(scenario.evidence, range: Scenario.start...begin).findings.isEmpty)
    }

    @Test func forgetsWhatIsTooOld() {
        var scenario = Scenario(span: 120 * Scenario.second)
        scenario.set(TCPExtMetric.listenoverflows, 0)
        scenario.snapshot()
        scenario.add(TCPExtMetric.listenoverflows)
        for _ in 0..<60 { scenario.snapshot() }
        #expect(scenario.evidence.times.count <= 12)
        #expect(Self.analyzer.analyze(scenario.evidence).findings.isEmpty)
        scenario.add(TCPExtMetric.listenoverflows)
        scenario.snapshot()
        #expect(Self.analyzer.analyze(scenario.evidence).findings.count == 1)
    }

    @Test func impossibleEventsDoNoHarm() {
        let rule = Rule(
            "events", guides: [.dns], symptom: "", cause: "",
            when: Quantity.events(EventQuery(ConnectEvent.failed)) >= 2, advice: [])
        var evidence = Evidence()
        for time in [0, 1, Scenario.start, .max] as [UInt64] {
            var event = Event(
                type: ConnectEvent.failed.type, timestamp: time, node: "n",
                entity: Entity(kind: .pod, namespace: NamespaceID(rawValue: 9), podName: "web"))
            event.count = .max
            event.lastTimestamp = .max
            evidence.add(event)
        }
        let analysis = Analyzer(rules: [rule]).analyze(evidence)
        #expect(analysis.events == .max && analysis.gaps.count == 1, "\(analysis.gaps)")
        #expect(analysis.findings.count >= 1)
        var scenario = quiet()
        for event in evidence.events { scenario.evidence.add(event) }
        #expect(Analyzer(rules: [rule]).analyze(scenario.evidence).findings.count == 1)
    }

    @Test func isEmptyOfNothing() {
        let analysis = Self.analyzer.analyze(Evidence())
        #expect(analysis.findings.isEmpty && analysis.gaps.count == 1)
    }
}
