// SPDX-License-Identifier: Apache-2.0

/// The cases that come with the library as a document.
public enum CaseReference {
    /// All cases in Markdown, guide by guide.
    public static func markdown() -> String {
        let cases = Rule.cases.sorted { $0.rule.id < $1.rule.id }
        var text = """
            # Cases

            Generated from the cases in `Sources/SkoopAnalysis/Cases`; do not edit.

            \(cases.count) causes that are found by themselves, with what leads to each, how it shows and how it was made real \
            to see that it is found. How often they are found, and nothing else, is measured: see \
            [accuracy.md](accuracy.md).

            | Guide | Cases |
            |---|---|

            """
        for guide in Guide.allCases {
            let links = cases.filter { $0.rule.guides.contains(guide) }.map { "[\($0.rule.id)](#\($0.rule.id))" }
            text += "| \(guide.rawValue) | \(links.joined(separator: ", ")) |\n"
        }
        for one in cases { text += section(one) }
        return text
    }

    private static func section(_ one: any Case.Type) -> String {
        let rule = one.rule
        var text = """

            ## \(rule.id)

            \(sentence(rule.cause)).

            **How it arises.** \(one.arises)

            **How it shows.** \(sentence(rule.symptom)). \(conditions(rule))

            **How it was reproduced.** \(one.reproduction)

            **What to do.** \(list(rule.advice))

            """
        if !rule.checks.isEmpty { text += "\n**What to look at next.** \(list(rule.checks))\n" }
        if !rule.explains.isEmpty {
            text += "\nExplains \(rule.explains.map { "[\($0)](#\($0))" }.joined(separator: ", ")).\n"
        }
        return text
    }

    private static func conditions(_ rule: Rule) -> String {
        var text =
            "Found, with a confidence of \(Int((rule.confidence * 100).rounded())) %, when \(words(rule.condition))."
        if !rule.supports.isEmpty {
            text += " More certain when " + rule.supports.map { $0.meaning }.joined(separator: "; when ") + "."
        }
        if !rule.contradicts.isEmpty {
            text += " Less when " + rule.contradicts.map { $0.meaning }.joined(separator: "; when ") + "."
        }
        return text
    }

    private static func words(_ condition: Condition, isInner: Bool = false) -> String {
        switch condition {
        case .test(let test):
            let whose = test.subject == .entity ? "" : " of the \(test.subject.rawValue)"
            let bound = test.quantity.text(of: test.bound)
            return "\(test.quantity.words)\(whose) is \(test.comparison.words) \(bound)"
        case .all(let conditions): return joined(conditions, " and ", isInner)
        case .any(let conditions): return joined(conditions, " or ", isInner)
        case .atLeast(let count, let conditions):
            return "at least \(count) of these hold: " + joined(conditions, ", ", true)
        case .not(let condition): return "not \(words(condition, isInner: true))"
        }
    }

    private static func joined(_ conditions: [Condition], _ word: String, _ isInner: Bool) -> String {
        let text = conditions.map { words($0, isInner: true) }.joined(separator: word)
        return isInner ? "(\(text))" : text
    }

    private static func list(_ texts: [String]) -> String { texts.map { sentence($0) + "." }.joined(separator: " ") }

    private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
