// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopModel

/// What every form of a report says of a finding, in words.
struct FindingSheet {
    /// A value beside its threshold.
    struct Row {
        var what: String
        var value: String
        var bound: String
        var probes: String
        /// What it means, or whose it is where that is somebody else.
        var note: String

        /// The columns of a table.
        var cells: [String] { [what, value, bound, probes] }
    }

    var finding: Finding
    /// To whom it happened.
    var subject: String
    /// From when to when.
    var time: String
    /// `93 %`.
    var confidence: String
    var seen: [Row]
    var against: [Row]
    var missing: [String]
    /// What else this cause explains.
    var consequences: [String]

    init(_ finding: Finding, _ times: TimeText) {
        self.finding = finding
        subject = finding.subject.fullName
        time = times.range(from: finding.from, to: finding.to)
        confidence = "\(Int((finding.confidence * 100).rounded())) %"
        seen = finding.observations.map { Row($0, of: finding) }
        against = finding.contradictions.map { Row($0, of: finding) }
        missing = finding.missing.map(\.advice)
        consequences = finding.consequences.map { consequence in
            "\(consequence.rule.id) of \(consequence.subject.fullName): \(consequence.rule.symptom)"
        }
    }

    /// Symptom and cause as a sentence.
    var sentence: String {
        let text = "\(finding.rule.symptom): \(finding.rule.cause)"
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }
}

extension FindingSheet.Row {
    init(_ observation: Observation, of finding: Finding) {
        let test = observation.test
        what = test.quantity.words
        value = observation.valueText
        bound = "\(test.comparison.words) \(observation.boundText)"
        probes = observation.probes.joined(separator: ", ")
        let owner = observation.subject == finding.subject ? "" : "of \(observation.subject.fullName)"
        note = [observation.meaning, owner].filter { !$0.isEmpty }.joined(separator: ", ")
    }
}

extension AnalysedEntity {
    /// The name, with the node it is on where it is none itself.
    var fullName: String { entity.kind == .node ? "node \(name)" : node.isEmpty ? name : "\(name) on \(node)" }
}

extension Missing {
    /// What could not be seen, and what to switch on.
    var advice: String {
        // No probe has it: it must be given.
        if probe == AccessMetric.probe { return "an access log: skoop analyze --access-log FILE" }
        return switch state {
        case .off: "\(what): switch on probe \(probe)"
        case .failed(let reason): "\(what): probe \(probe) does not run: \(reason)"
        case .unknown, .running: text
        }
    }
}
