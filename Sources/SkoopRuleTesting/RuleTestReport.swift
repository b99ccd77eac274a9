// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
public import SkoopReport

/// Tells people what became of tests, and what is wrong with files of rules.
public struct RuleTestReport: Sendable {
    /// How wide the screen is, and whether it is coloured.
    public var terminal: TerminalReport

    /// Makes one for a terminal.
    public init(_ terminal: TerminalReport = TerminalReport()) { self.terminal = terminal }

    /// What became of tests: of each that fails, each expectation that was not met, and what was found instead.
    public func text(_ run: RuleTestRun) -> String {
        var screen = Screen(width: terminal.width, isColoured: terminal.isColoured)
        for file in run.files {
            if !file.errors.isEmpty {
                for error in file.errors { screen.paragraph("\(error)", .red) }
                continue
            }
            screen.paragraph(
                "\(file.path): \(Self.count(file.rules, "rule")), \(Self.count(file.tests.count, "test"))", .bold)
            for test in file.tests {
                switch test {
                case .success(let outcome): write(outcome, file.path, &screen)
                case .failure(let error): screen.item("unusable", "\(error)", .red)
                }
            }
        }
        var words = run.failed > 0 ? "\(run.failed) of \(Self.count(run.count, "test")) failed" : ""
        if run.failed == 0 { words = Self.count(run.count, "test") + " passed" }
        if run.unusable > 0 { words += ", \(run.unusable) could not be run" }
        screen.paragraph(words, run.exitStatus == 0 ? .green : .red)
        return screen.text
    }

    private func write(_ outcome: RuleTestOutcome, _ path: String, _ screen: inout Screen) {
        let analysis = outcome.analysis
        let evidence =
            "\(Self.count(analysis.snapshots, "snapshot")), \(Self.count(Int(clamping: analysis.events), "event"))"
        screen.item(
            outcome.failures.isEmpty ? "ok" : "FAILED", "\(outcome.name) (\(evidence))",
            outcome.failures.isEmpty ? .green : .red)
        for failure in outcome.failures {
            screen.item("", (failure.line > 0 ? "line \(failure.line): " : "") + failure.expected)
            for line in failure.found { screen.item("", "  " + line, .dim) }
        }
        for gap in analysis.gaps { screen.item("partial", gap, .yellow) }
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
