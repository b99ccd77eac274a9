// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopAnalysis
import SkoopJudge
import SkoopTesting
import Testing

/// Faults of hypervisors: in the guests of `make test-kernels` only.
@Suite(.serialized, .requiresRoot) struct GuestTests {
    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["SKOOP_KERNEL"] != nil, "is for the guests of make test-kernels"))
    func lateAnswersToVirtioCommandsAreNamed() throws {
        var random = SeededGenerator()
        let scenarios = LabScenario.guestFaults
        let verdicts = try Judge().play(scenarios, seed: random.next()) { print($0.text) }
        #expect(verdicts.count == scenarios.count)
        for verdict in verdicts { #expect(verdict.isRight, "\(verdict.text)") }
        let finding = try #require(verdicts.flatMap(\.findings).first { $0.rule.id == "virtio-command" })
        // As the customer saw them.
        for slot in ["slot 15", "slot 18"] {
            #expect(finding.observations.contains { $0.meaning.contains(slot) }, "\(finding.observations)")
        }
    }
}
