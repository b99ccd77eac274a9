// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@testable import SkoopAnalysis

/// What is compared with before, where there is no before.
@Suite struct BaselineTests {
    private static let established = TCPSummaryMetric.tcpestablishedconn
    private static let more = Rule(
        "more", guides: [.http], symptom: "", cause: "", when: Quantity.change(Measure(established), floor: 1) >= 3,
        advice: [])
    private static let busy = Rule(
        "busy", guides: [.loss], symptom: "", cause: "",
        when: Quantity.change(Measure(TCPMetric.outsegs), floor: 1) >= 3, advice: [])

    @Test func aYoungPodCannotBeCompared() throws {
        var scenario = Scenario(pods: ["old"])
        scenario.set(Self.established, 10, "old")
        for _ in 0..<12 { scenario.snapshot() }
        scenario.pods.append("young")
        scenario.set(Self.established, 10, "young")
        for _ in 0..<3 { scenario.snapshot() }
        let analysis = Analyzer(rules: [Self.more]).analyze(scenario.evidence)
        #expect(analysis.findings.isEmpty)
        #expect(analysis.undecided.map(\.subject?.name) == ["default/young"])
        #expect(analysis.undecided.first?.missing.first?.what.contains("baseline") ?? false, "\(analysis.undecided)")
        // Nobody can be compared in a time that is short itself.
        var short = Scenario(pods: ["a", "b"])
        for pod in short.pods { short.set(Self.established, 10, pod) }
        for _ in 0..<3 { short.snapshot() }
        #expect(Analyzer(rules: [Self.more]).analyze(short.evidence).undecided.map(\.subject) == [nil])
        for _ in 0..<6 { short.snapshot() }
        #expect(Analyzer(rules: [Self.more]).analyze(short.evidence).undecided.isEmpty)
    }

    @Test func theTimeBeforeAPodIsNoneOfItsBaseline() {
        var scenario = Scenario(pods: ["old"])
        scenario.set(TCPMetric.outsegs, 10, "old")
        for _ in 0..<20 { scenario.snapshot() }
        scenario.pods.append("young")
        for _ in 0..<12 {
            scenario.add(TCPMetric.outsegs, 1500, "young")
            scenario.snapshot()
        }
        #expect(Analyzer(rules: [Self.busy]).analyze(scenario.evidence).findings.isEmpty)
        scenario.add(TCPMetric.outsegs, 50_000, "young")
        scenario.snapshot()
        #expect(
            Analyzer(rules: [Self.busy]).analyze(scenario.evidence).findings.map(\.subject.name) == ["default/young"])
    }

    @Test func whoHasGoneIsNotCompared() {
        let fewer = Rule(
            "fewer", guides: [.loss], symptom: "", cause: "",
            when: Quantity.change(Measure(TCPMetric.outsegs), floor: 1) <= 0.1, advice: [])
        var scenario = Scenario(pods: ["web", "old"])
        for step in 0..<20 {
            scenario.add(TCPMetric.outsegs, 1500, "old")
            if step < 12 { scenario.add(TCPMetric.outsegs, 1500) }
            if step == 12 { scenario.forget(TCPMetric.outsegs) }
            scenario.snapshot()
        }
        #expect(Analyzer(rules: [fewer]).analyze(scenario.evidence).findings.isEmpty)
    }
}
