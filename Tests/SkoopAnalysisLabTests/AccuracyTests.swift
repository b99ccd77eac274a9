// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopJudge
import SkoopTesting
import Testing

/// Faults made real, seen by the probes, and named by the rules.
@Suite(.serialized, .requiresRoot) struct AccuracyTests {
    /// Some of each kind, others in every run, unless `SKOOP_SCENARIOS` has parts of names; all of them are played by
    /// `make accuracy`.
    private func scenarios(_ random: inout SeededGenerator) -> [LabScenario] {
        if let parts = ProcessInfo.processInfo.environment["SKOOP_SCENARIOS"] {
            return LabScenario.all.filter { one in parts.split(separator: ",").contains { one.name.contains($0) } }
        }
        let all = LabScenario.all.filter { $0.reach == .lab }.shuffled(using: &random)
        let counts = [(0, 3), (1, 8), (2, 2)]
        return counts.flatMap { causes, count in all.filter { $0.causes.count == causes }.prefix(count) }
    }

    @Test func causesAreNamed() throws {
        var random = SeededGenerator()
        let verdicts = try Judge().play(scenarios(&random), seed: random.next()) { print($0.text) }
        let accuracy = Accuracy(verdicts)
        print(accuracy.markdown)
        #expect(accuracy.problems.isEmpty)
        // Of so few, one may go wrong.
        #expect(accuracy.recall >= 0.9 && accuracy.precision >= 0.85, "\(accuracy.summary)")
    }
}
