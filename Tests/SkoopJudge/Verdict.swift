// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis

/// What was found in a scenario.
public struct Verdict: Sendable {
    /// The scenario.
    public var scenario: LabScenario
    /// Where and how it played.
    public var detail: String
    /// What was found, the most certain first, without what follows from it.
    public var findings: [Finding]
    /// Why it could not be played.
    public var problem: String?
    /// What packets were dropped, where the verdict is wrong.
    public var drops: [String] = []

    /// The rules, each once, the most certain first.
    public var found: [String] {
        findings.reduce(into: []) { if !$0.contains($1.rule.id) { $0.append($1.rule.id) } }
    }
    /// The causes that were found.
    public var right: [String] { scenario.causes.filter(found.contains) }
    /// The causes that were not.
    public var missed: [String] { scenario.causes.filter { !found.contains($0) } }
    /// What was found and is not there.
    public var wrong: [String] { found.filter { !scenario.causes.contains($0) } }
    /// Whether the first is right, or there is rightly none.
    public var isFirstRight: Bool { found.first.map(scenario.causes.contains) ?? scenario.causes.isEmpty }
    /// Whether all is right.
    public var isRight: Bool { problem == nil && missed.isEmpty && wrong.isEmpty }

    /// One line, and what there is to say about it where something is wrong.
    public var text: String {
        let mark = isRight ? "ok   " : problem == nil ? "WRONG" : "ERROR"
        var text = "\(mark) \(scenario.name) [\(detail)]: \(found.isEmpty ? "nothing" : found.joined(separator: ", "))"
        if let problem { text += " - \(problem)" }
        if !missed.isEmpty { text += " - missed \(missed.joined(separator: ", "))" }
        guard !isRight else { return text }
        if !drops.isEmpty { text += "\n      dropped: \(drops.joined(separator: ", "))" }
        for finding in findings {
            text += "\n      \(finding.rule.id) \(finding.subject.name) \(percent(finding.confidence))"
            for one in finding.observations { text += "\n        + \(one.text) of \(one.subject.name)" }
            for one in finding.contradictions { text += "\n        - \(one.text) of \(one.subject.name)" }
            for one in finding.consequences {
                text += "\n        > \(one.rule.id) \(one.subject.name) \(percent(one.confidence))"
            }
        }
        return text
    }
}

/// A share as people write it.
func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
