// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopJudge
import SkoopTesting
import Testing

/// Faults made real, seen by the probes, and named by the rules.
@Suite(.serialized, .requiresRoot) struct AccuracyTests {
    /// Scenarios by name, of those that `SKOOP_SCENARIOS` has a part of; by default a few of each kind.
    private func scenarios() -> [LabScenario] {
        guard let parts = ProcessInfo.processInfo.environment["SKOOP_SCENARIOS"] else { return LabScenario.all }
        return LabScenario.all.filter { scenario in
            parts.split(separator: ",").contains { scenario.name.contains($0) }
        }
    }

    @Test func causesAreNamed() throws {
        let seed = SeededGenerator().seed
        let verdicts = try Judge().play(scenarios(), seed: seed) { print($0.text) }
        let accuracy = Accuracy(verdicts)
        print(accuracy.markdown)
        #expect(accuracy.problems.isEmpty)
        #expect(accuracy.recall >= 0.95 && accuracy.precision >= 0.95 && accuracy.top1 >= 0.9, "\(accuracy.summary)")
    }
}
