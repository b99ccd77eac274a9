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

    @Test mutating func keepsOnlySoMany() {
        for _ in 0..<4 {
            scenario.add(TCPExtMetric.listenoverflows)
            for _ in 0..<40 { _ = step() }
        }
        #expect(watch.open.isEmpty && watch.ended.count == 2)
    }
}
