// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis

/// Compares what was found with what was expected.
struct RuleTestJudgement {
    let analysis: Analysis
    let evidence: Evidence
    let rules: [Rule]

    /// All findings, each with the one that explains it.
    private var findings: [Found] { Self.all(analysis.findings, explainedBy: nil) }
    private typealias Found = (finding: Finding, explainedBy: Finding?)

    private static func all(_ findings: [Finding], explainedBy cause: Finding?) -> [Found] {
        findings.flatMap { [($0, cause)] + all($0.consequences, explainedBy: $0) }
    }

    /// Why an expectation is not met; nil where it is.
    func missing(_ wanted: RuleTest.Expectation) -> RuleTestOutcome.Failure? {
        let found = findings.filter { $0.finding.rule.id == wanted.rule && wanted.isOf($0.finding.subject) }
        let isMet = found.contains { one in
            one.explainedBy?.rule.id == wanted.explainedBy && wanted.confidence.contains(one.finding.confidence)
        }
        return isMet
            ? nil : wanted.failure("expected \(wanted.words)", found.map(words) + instead(of: wanted, found.isEmpty))
    }

    /// Why something is there that should not be, or why that cannot be told; nil where it is not.
    func present(_ unwanted: RuleTest.Expectation) -> RuleTestOutcome.Failure? {
        let found = findings.filter { $0.finding.rule.id == unwanted.rule && unwanted.isOf($0.finding.subject) }
        let lines = found.isEmpty ? cannotTell(unwanted) : found.map(words)
        return lines.isEmpty ? nil : unwanted.failure("expected no \(unwanted.words)", lines)
    }

    /// Why something can be told that should not; nil where it cannot.
    func decided(_ open: RuleTest.Expectation) -> RuleTestOutcome.Failure? {
        guard cannotTell(open).isEmpty else { return nil }
        let found = findings.filter { $0.finding.rule.id == open.rule }.map(words)
        return open.failure(
            "expected that of \(open.words) nothing can be told", found.isEmpty ? ["it was ruled out"] : found)
    }

    /// What was found that nobody expects.
    func others(than wanted: [RuleTest.Expectation]) -> RuleTestOutcome.Failure? {
        let others = analysis.findings.filter { finding in
            !wanted.contains { $0.rule == finding.rule.id && $0.isOf(finding.subject) && $0.explainedBy == nil }
        }
        return others.isEmpty
            ? nil
            : RuleTestOutcome.Failure(
                line: 0, expected: wanted.isEmpty ? "expected nothing" : "expected nothing else",
                found: others.map { words(($0, nil)) })
    }

    private func words(_ one: Found) -> String {
        let percent = Int((one.finding.confidence * 100).rounded())
        let cause = one.explainedBy.map { ", explained by \($0.rule.id) of \($0.subject.name)" } ?? ""
        return "found \(one.finding.rule.id) of \(one.finding.subject.name), \(percent) % likely\(cause)"
    }

    /// What helps to see why something was not found.
    private func instead(of wanted: RuleTest.Expectation, _ isMissing: Bool) -> [String] {
        guard isMissing else { return [] }
        let open = cannotTell(wanted)
        if !open.isEmpty { return open }
        let others = findings.map(words)
        var lines = Array(others.prefix(8))
        if others.isEmpty { lines = ["found nothing"] }
        if others.count > lines.count { lines.append("and \(others.count - lines.count) more") }
        return readings(wanted) + lines
    }

    private func cannotTell(_ wanted: RuleTest.Expectation) -> [String] {
        let open = analysis.undecided.first { open in
            open.rule.id == wanted.rule && open.subject.map(wanted.isOf) ?? true
        }
        return open.map { ["cannot tell: " + $0.missing.map(\.text).joined(separator: "; ")] } ?? []
    }

    /// The values that the rule's tests have of the entity over the whole time, beside what they ask for.
    private func readings(_ wanted: RuleTest.Expectation) -> [String] {
        guard let rule = rules.first(where: { $0.id == wanted.rule }), wanted.entity != nil else { return [] }
        guard evidence.entities.contains(where: wanted.isOf) else {
            return ["there is no such entity in the evidence"]
        }
        // Tests that always hold, so that each tells its value.
        let open = rule.condition.tests.enumerated().map { number, test in
            Rule(
                "\(number)", guides: [], scope: rule.scope, symptom: "", cause: "", window: rule.window,
                when: .test(Test(test.quantity, .above, -1, of: test.subject)), advice: [])
        }
        let found = Analyzer(rules: open).analyze(evidence, range: analysis.range).findings
        return rule.condition.tests.enumerated().map { number, test in
            let owner = test.subject == .entity ? "" : " of its \(test.subject.rawValue)"
            let values = found.filter { $0.rule.id == "\(number)" && wanted.isOf($0.subject) }.flatMap(\.observations)
            let value = values.compactMap(\.value).max().map { test.quantity.text(of: $0) } ?? "nothing"
            let bound = "\(test.comparison.words) \(test.quantity.text(of: test.bound))"
            return "\(test.quantity.words)\(owner): \(value), the rule asks for \(bound)"
        }
    }
}

extension RuleTest.Expectation {
    fileprivate func isOf(_ subject: AnalysedEntity) -> Bool {
        entity.map { $0 == subject.name || $0 == "\(subject.name) on \(subject.node)" } ?? true
    }

    fileprivate func failure(_ expected: String, _ found: [String]) -> RuleTestOutcome.Failure {
        RuleTestOutcome.Failure(line: line, expected: expected, found: found)
    }

    /// The expectation in words.
    fileprivate var words: String {
        var words = rule + (entity.map { " of \($0)" } ?? "")
        let percent = [confidence.lowerBound, confidence.upperBound].map { Int(($0 * 100).rounded()) }
        if percent[0] > 0 { words += ", at least \(percent[0]) % likely" }
        if percent[1] < 100 { words += ", at most \(percent[1]) % likely" }
        return words + (explainedBy.map { ", explained by \($0)" } ?? "")
    }
}
