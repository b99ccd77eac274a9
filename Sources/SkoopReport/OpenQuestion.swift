// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopModel

/// Causes that can neither be found nor be ruled out for the same reason.
struct OpenQuestion {
    /// What would have to be seen.
    var missing: [String]
    /// The ids of the rules.
    var rules: [String]
    /// Whose, and what of it was seen, where something was.
    var hints: [String]

    /// The open questions of an analysis, those with hints first.
    static func all(in analysis: Analysis) -> [OpenQuestion] {
        var questions: [OpenQuestion] = []
        for open in analysis.undecided {
            let missing = open.missing.map(\.advice).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            var position = questions.firstIndex { $0.missing == missing }
            if position == nil {
                questions.append(OpenQuestion(missing: missing, rules: [], hints: []))
                position = questions.count - 1
            }
            guard let position else { continue }
            if !questions[position].rules.contains(open.rule.id) { questions[position].rules.append(open.rule.id) }
            guard let subject = open.subject else { continue }
            let seen = open.observations.map(\.text).joined(separator: "; ")
            questions[position].hints.append("\(open.rule.id) of \(subject.fullName)\(seen.isEmpty ? "" : ": \(seen)")")
        }
        return questions.filter { !$0.hints.isEmpty } + questions.filter(\.hints.isEmpty)
    }
}

extension Analysis {
    /// What was looked at, in words.
    func summary(_ times: TimeText) -> String {
        let counts = [
            (entities, "entity", "entities"), (snapshots, "snapshot", "snapshots"),
            (Int(clamping: events), "event", "events"),
        ]
        let words = counts.map { counted($0.0, $0.1, $0.2) }.joined(separator: ", ")
        guard range.upperBound > 0 else { return words }
        let time = times.range(from: range.lowerBound, to: range.upperBound)
        return "\(time) \(times.zone(at: range.upperBound)): \(words)"
    }

    /// How many causes were found, in words.
    var verdict: String {
        switch findings.count {
        case 0 where snapshots < 2 && events == 0: "There is too little evidence to find a cause in."
        case 0: undecided.isEmpty ? "Nothing was found." : "Nothing was found; some causes could not be looked for."
        case 1: "One cause was found."
        default: "\(findings.count) causes were found, the most certain first."
        }
    }
}
