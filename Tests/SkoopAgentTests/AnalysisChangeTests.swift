// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopModel
import Testing

@testable import SkoopAgent

/// Rules that change while an agent looks for causes.
@Suite struct AnalysisChangeTests {
    private static func rule(_ id: String, _ metric: some MetricSet) -> Rule {
        Rule(
            id, guides: [], symptom: "", cause: "", when: Quantity.increase(Measure(metric)) >= 2, confidence: 0.9,
            advice: [])
    }

    private static let overflow = rule("overflow", TCPExtMetric.listenoverflows)
    private static let ports = rule("ports", UDPMetric.noports)
    private static let start: UInt64 = 1_700_000_000_000_000_000

    private static func settings(_ rules: [Rule]) -> Configuration.AnalysisSettings {
        var settings = Configuration.AnalysisSettings()
        settings.rules = rules
        return settings
    }

    /// The pod's two counters at a step, as both probes show them all the time.
    private static func snapshot(_ step: UInt64, _ overflows: UInt64, _ ports: UInt64) -> Snapshot {
        var table = EntityTable(node: "n")
        let pod = table.append(
            Entity(kind: .pod, namespace: NamespaceID(rawValue: 7), podNamespace: "shop", podName: "web"))
        var (one, other) = (Family(TCPExtMetric.listenoverflows.metric), Family(UDPMetric.noports.metric))
        one.append(overflows, for: pod)
        other.append(ports, for: pod)
        var works = Family(SelfMetric.probeSuccess.metric)
        for probe in ["tcpext", "udp"] { works.append(1, for: EntityTable.nodeIndex, labels: [probe]) }
        return Snapshot(timestamp: start + step * 15_000_000_000, entities: table, families: [one, other, works])
    }

    private func begun(_ changes: [FindingWatch.Change]) -> [String] {
        changes.compactMap { if case .begun(let finding) = $0 { finding.rule.id } else { nil } }
    }

    @Test("the history and the findings of rules that stay are kept, and what was not kept is not taken for new")
    func rulesAreChanged() {
        var round = AnalysisRound(Self.settings([Self.overflow]), node: "n", events: nil, available: [])
        var begins: [String] = []
        for step in UInt64(0)..<4 {
            begins += begun(round.look(Self.snapshot(step, step < 2 ? 5 : 50, 1000), probes: []).changes)
        }
        #expect(begins == ["overflow"])
        #expect(round.change(Self.settings([Self.overflow, Self.ports]), nil).isEmpty)
        var look = round.look(Self.snapshot(4, 50, 1000), probes: [])
        // It goes on with its proof, of a time before the change; the other counter has been there for long.
        #expect(look.changes.isEmpty)
        #expect(look.report.open.map(\.rule.id) == ["overflow"])
        #expect(look.report.open.first?.observations.first?.value == 45)
        #expect(look.report.latest?.snapshots ?? 0 >= 4)
        look = round.look(Self.snapshot(5, 50, 1000), probes: [])
        #expect(look.changes.isEmpty)
        look = round.look(Self.snapshot(6, 50, 1003), probes: [])
        #expect(begun(look.changes) == ["ports"])
        #expect(look.report.totals.values.sorted() == [1, 1])

        let ends = round.change(Self.settings([Self.ports]), nil)
        #expect(ends.map { if case .ended(let finding) = $0 { finding.rule.id } else { "" } } == ["overflow"])
        look = round.look(Self.snapshot(7, 90, 1003), probes: [])
        #expect(look.changes.isEmpty && look.report.open.map(\.rule.id) == ["ports"])
        #expect(look.report.ended.map(\.rule.id) == ["overflow"])
        #expect(look.report.totals.count == 1)

        // It comes back, and begins with what it sees from then on.
        #expect(round.change(Self.settings([Self.ports, Self.overflow]), nil).isEmpty)
        look = round.look(Self.snapshot(8, 90, 1003), probes: [])
        #expect(look.changes.isEmpty)
        look = round.look(Self.snapshot(9, 99, 1003), probes: [])
        #expect(begun(look.changes) == ["overflow"])
    }

    @Test("a shorter history and fewer events are taken over")
    func boundsAreChanged() {
        var round = AnalysisRound(Self.settings([Self.overflow]), node: "n", events: nil, available: [])
        for step in UInt64(0)..<100 { _ = round.look(Self.snapshot(step, step, 0), probes: []) }
        var settings = Self.settings([Self.overflow])
        settings.history = .seconds(300)
        _ = round.change(settings, nil)
        let before = round.kept
        _ = round.look(Self.snapshot(100, 100, 0), probes: [])
        #expect(before == 100 && round.kept <= 27)
    }
}
