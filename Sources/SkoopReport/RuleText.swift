// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopModel

/// Tells people what rules look for.
public enum RuleText {
    /// A line for each rule: id, guides, cause.
    public static func list(_ rules: [Rule], width: Int = 100) -> String {
        var screen = Screen(width: width, isColoured: false)
        let column = (rules.map(\.id.count).max() ?? 0) + 2
        for rule in rules {
            let id = rule.id + String(repeating: "\u{a0}", count: column - rule.id.count)
            screen.paragraph("\(id)\(rule.cause) (\(rule.guides.map(\.rawValue).joined(separator: ", ")))")
        }
        return screen.text
    }

    /// Everything about a rule: what it looks for, how it arises, what to do.
    public static func show(_ rule: Rule, width: Int = 100) -> String {
        var screen = Screen(width: width, isColoured: false)
        screen.paragraph(rule.id)
        screen.item("symptom", rule.symptom)
        screen.item("cause", rule.cause)
        screen.item("guides", rule.guides.map(\.rawValue).joined(separator: ", "))
        if let known = Rule.cases.first(where: { $0.rule.id == rule.id }) {
            screen.item("arises", known.arises)
            screen.item("made real", known.reproduction)
        }
        screen.item("looks at", rule.scope == .node ? "the node" : "every entity")
        screen.item("window", "\(Int(rule.window)) s")
        screen.item("when", words(rule.condition))
        screen.item("", "then it is \(Int((rule.confidence * 100).rounded())) % likely")
        for (title, clues) in [("for it", rule.supports), ("against it", rule.contradicts)] {
            for (position, clue) in clues.enumerated() {
                screen.item(position == 0 ? title : "", "\(clue.meaning): \(words(clue.condition))")
            }
        }
        for (title, lines) in [
            ("explains", rule.explains), ("do", rule.advice), ("look at", rule.checks), ("read", rule.references),
            ("probes", [Set(rule.metrics.map(\.probe) + rule.events.map(\.probe)).sorted().joined(separator: ", ")]),
        ] {
            for (position, line) in lines.enumerated() { screen.item(position == 0 ? title : "", line) }
        }
        return screen.text
    }

    private static func words(_ condition: Condition) -> String {
        switch condition {
        case .test(let test):
            let owner = test.subject == .entity ? "" : " (of \(test.subject.rawValue))"
            return "\(test.quantity.words)\(owner) \(test.comparison.words) \(test.quantity.text(of: test.bound))"
        case .all(let all): return all.map(nested).joined(separator: " and ")
        case .any(let any): return any.map(nested).joined(separator: " or ")
        case .atLeast(let count, let some): return "at least \(count) of: " + some.map(nested).joined(separator: ", ")
        case .not(let condition): return "not \(nested(condition))"
        }
    }

    private static func nested(_ condition: Condition) -> String {
        if case .test = condition { words(condition) } else { "(\(words(condition)))" }
    }
}
