// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@testable import SkoopAnalysis

@Suite struct FindingWatchTests {
    private static let cause = Rule(
        "cause", guides: [.http], symptom: "", cause: "",
        when: Quantity.increase(Measure(TCPExtMetric.listenoverflows)) >= 1, explains: ["effect"], advice: [])
    private static let effect = Rule(
        "effect", guides: [.http], symptom: "", cause: "",
        when: Quantity.increase(Measure(TCPMetric.retranssegs)) >= 1, advice: [])

    private var scenario = Scenario()
    private var watch = FindingWatch(patience: 120 * Scenario.second, kept: 2)

    init() {
        scenario.set(TCPExtMetric.listenoverflows, 0)
        scenario.set(TCPMetric.retranssegs, 0)
        scenario.snapshot()
    }

    /// What changes when the next snapshot has been looked at.
    private mutating func step() -> [String] {
        scenario.snapshot()
        let now = scenario.now
        let analysis = Analyzer(rules: [Self.cause, Self.effect]).analyze(
            scenario.evidence, range: (now - 180 * Scenario.second)...now)
        return watch.update(analysis, now: now).map { change in
            switch change {
            case .begun(let finding): "+\(finding.rule.id)"
            case .ended(let finding): "-\(finding.rule.id)"
            }
        }
    }

    @Test mutating func isOneFindingWhileItComesAndGoes() throws {
        #expect(step().isEmpty)
        let begin = scenario.now
        scenario.add(TCPExtMetric.listenoverflows)
        #expect(step() == ["+cause"])
        for _ in 0..<3 { #expect(step().isEmpty) }
        scenario.add(TCPExtMetric.listenoverflows)
        #expect(step().isEmpty)
        let end = scenario.now
        #expect(watch.open.map(\.from) == [begin] && watch.open.map(\.to) == [end])
        var steps = 0
        while watch.open.count > 0, steps < 60 {
            let changes = step()
            steps += 1
            #expect(changes.isEmpty || changes == ["-cause"])
        }
        #expect(watch.ended.map(\.to) == [end])
        // It is over, and does not begin again while it is still in the time that is looked at.
        for _ in 0..<20 { #expect(step().isEmpty) }
        scenario.add(TCPExtMetric.listenoverflows)
        #expect(step() == ["+cause"])
    }

    @Test mutating func endsWhatTurnsOutToBeAConsequence() {
        scenario.add(TCPMetric.retranssegs)
        #expect(step() == ["+effect"])
        scenario.add(TCPExtMetric.listenoverflows)
        #expect(Set(step()) == ["-effect", "+cause"])
        #expect(watch.open.map(\.rule.id) == ["cause"])
    }

    /// A finding of the scenario's pod, or of another one.
    private func finding(_ rule: Rule, _ entity: Entity? = nil) -> Finding {
        Finding(
            rule: rule, subject: AnalysedEntity(node: scenario.node, entity: entity ?? scenario.entity("web")),
            from: scenario.now, to: scenario.now, confidence: 0.8, observations: [], contradictions: [], missing: [])
    }

    /// What changes with an analysis that says this.
    private mutating func changes(_ findings: [Finding]) -> [FindingWatch.Change] {
        scenario.now += 15 * Scenario.second
        let analysis = Analysis(
            range: Scenario.start...scenario.now, findings: findings, undecided: [], gaps: [], entities: 1,
            snapshots: 1,
            events: 0)
        return watch.update(analysis, now: scenario.now)
    }

    @Test mutating func aConsequenceNowAndThenDoesNotBeginAgainAndAgain() {
        var explained = finding(Self.cause)
        explained.consequences = [finding(Self.effect)]
        #expect(changes([finding(Self.effect)]).count == 1)
        #expect(changes([explained]).count == 2)
        for _ in 0..<4 {
            #expect(changes([finding(Self.cause), finding(Self.effect)]).isEmpty)
            #expect(changes([explained]).isEmpty)
        }
        // On its own for long it is one of its own.
        var begun = 0
        for _ in 0..<10 { begun += changes([finding(Self.cause), finding(Self.effect)]).count }
        #expect(begun == 1 && watch.open.count == 2)
    }

    @Test mutating func anotherPodInANamespaceOfTheSameNumberIsAnother() {
        let place = NamespaceID(rawValue: 4_026_532_000)
        let names = ["", "a", "b"].map {
            Entity(
                kind: $0.isEmpty ? .unknown : .pod, namespace: place, podNamespace: $0.isEmpty ? "" : "d", podName: $0)
        }
        #expect(changes([finding(Self.cause, names[0])]).count == 1)
        // It has learnt its name.
        #expect(changes([finding(Self.cause, names[1])]).isEmpty)
        #expect(watch.open.map(\.subject.name) == ["d/a"])
        #expect(changes([finding(Self.cause, names[2])]).count == 1)
        #expect(Set(watch.open.map(\.subject.name)) == ["d/a", "d/b"])
    }

    @Test mutating func keepsOnlySoMany() {
        for _ in 0..<4 {
            scenario.add(TCPExtMetric.listenoverflows)
            for _ in 0..<40 { _ = step() }
        }
        #expect(watch.open.isEmpty && watch.ended.count == 2)
    }
}
