// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopAnalysis
import SkoopJudge
import SkoopLab
import SkoopTesting
import Synchronization
import Testing

/// Faults of hypervisors: in the guests of `make test-kernels` only, by the card that they have for it.
@Suite(.serialized, .requiresRoot) struct GuestTests {
    private static let cause = "virtio-command"

    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["SKOOP_KERNEL"] != nil, "is for the guests of make test-kernels"))
    func lateAnswersToVirtioCommandsAreNamed() throws {
        var random = SeededGenerator()
        let judge = try Judge()
        let card = try VirtioCard()
        let slowest = Mutex<Duration>(.zero)

        let late = LabScenario("virtio commands are answered late", Self.cause, reach: .machine) { stage in
            try stage.fault {
                // The customer's round trips took more than 300 ms.
                _ = try card.setPairs([card.pairs])
                try stage.repeating(every: stage.milliseconds(200...800)) {
                    _ = try card.setPairs([1, stage.any(2...card.pairs)])
                }
            }
            _ = try card.setPairs([1])
        }
        let healthy = LabScenario("virtio commands are answered at once", reach: .machine) { stage in
            try stage.fault {
                try stage.repeating(every: stage.milliseconds(100...500)) {
                    let times = try card.setPairs([1])
                    slowest.withLock { $0 = max($0, times.max() ?? .zero) }
                }
            }
        }

        // The hypervisor is this machine: where it is busy, its answers are late, and the finding is true.
        var isJudged = false
        for _ in 1...12 where !isJudged {
            slowest.withLock { $0 = .zero }
            let verdict = try play(healthy, judge, &random)
            guard slowest.withLock({ $0 > .zero && $0 < .milliseconds(10) }) else { continue }
            #expect(!verdict.found.contains(Self.cause), "\(verdict.text)")
            isJudged = true
        }
        #expect(isJudged, "no play in which every command was answered at once")
        let verdict = try play(late, judge, &random)
        #expect(verdict.missed.isEmpty && verdict.isFirstRight, "\(verdict.text)")
        let finding = try #require(verdict.findings.first { $0.rule.id == Self.cause })
        // As the customer saw them.
        for slot in ["slot 15", "slot 18"] {
            #expect(finding.observations.contains { $0.meaning.contains(slot) }, "\(verdict.text)")
        }
    }

    private func play(_ scenario: LabScenario, _ judge: Judge, _ random: inout SeededGenerator) throws -> Verdict {
        let verdicts = judge.play([scenario], seed: random.next()) { print($0.text) }
        let verdict = try #require(verdicts.first)
        #expect(verdict.problem == nil)
        return verdict
    }
}
