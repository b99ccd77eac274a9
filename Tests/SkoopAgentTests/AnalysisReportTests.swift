// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@testable import SkoopAgent
@testable import SkoopAnalysis

/// How often causes were found, of pods that come, learn their names and go.
@Suite struct AnalysisReportTests {
    private static let place = NamespaceID(rawValue: 4_026_532_001)

    private func pod(_ name: String) -> AnalysedEntity {
        AnalysedEntity(
            node: "n",
            entity: name.isEmpty
                ? Entity(kind: .unknown, namespace: Self.place)
                : Entity(kind: .pod, namespace: Self.place, podNamespace: "d", podName: name))
    }

    private func exported(_ report: AnalysisReport, of name: String) -> [String] {
        var table = EntityTable(node: "n")
        table.append(pod(name).entity)
        guard let family = report.families(table).first(where: { $0.metric == AnalysisMetric.total.metric }) else {
            return []
        }
        return (0..<family.count).map {
            "\(family.labels(of: $0).joined()) \(family.values[$0]) \(family.entities[$0])"
        }
    }

    private func report(_ totals: [(String, UInt64)]) -> AnalysisReport {
        var report = AnalysisReport()
        report.latest = Analyzer(rules: []).analyze(Evidence())
        for (name, count) in totals { report.totals[.init(rule: "r", subject: pod(name))] = count }
        return report
    }

    @Test func whatWasFoundOfOnePodIsNotExportedAsAnothers() {
        let report = report([("a", 2), ("b", 3)])
        #expect(exported(report, of: "a") == ["r 2 1"])
        #expect(exported(report, of: "b") == ["r 3 1"])
        #expect(exported(report, of: "c").isEmpty)
    }

    @Test func totalsFollowNamesAndGoWithTheirPods() {
        var report = report([("", 1), ("a", 2), ("gone", 4)])
        report.keepTotals(of: [pod("a")])
        #expect(report.totals.count == 1)
        #expect(exported(report, of: "a") == ["r 3 1"])
    }
}
