// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis

/// An analysis as Markdown, for tickets and chats.
public struct MarkdownReport: Sendable {
    /// The zone of times.
    public var times: TimeText

    /// Makes one.
    public init(times: TimeText = .universal) { self.times = times }

    /// The report.
    public func text(_ analysis: Analysis) -> String {
        var lines = ["# \(analysis.verdict.dropLast())", "", Self.escaped(analysis.summary(times)), ""]
        for (position, finding) in analysis.findings.enumerated() {
            lines += section(FindingSheet(finding, times), number: position + 1)
        }
        let questions = OpenQuestion.all(in: analysis)
        if !questions.isEmpty {
            lines += ["## Could not be looked for", ""]
            for question in questions {
                let missing = question.missing.map(Self.escaped).joined(separator: "; ")
                lines.append("- \(question.rules.map { "`\($0)`" }.joined(separator: ", ")) - \(missing)")
                lines += question.hints.map { "  - seen: \(Self.escaped($0))" }
            }
            lines.append("")
        }
        if !analysis.gaps.isEmpty {
            lines += ["## The evidence is partial", ""] + analysis.gaps.map { "- " + Self.escaped($0) } + [""]
        }
        return lines.joined(separator: "\n")
    }

    private func section(_ sheet: FindingSheet, number: Int) -> [String] {
        var lines = [
            "## \(number). \(Self.escaped(sheet.subject)): `\(sheet.finding.rule.id)`, \(sheet.confidence) likely", "",
            "\(sheet.time) \(times.zone(at: sheet.finding.from))", "", Self.escaped(sheet.sentence), "",
        ]
        for (title, rows) in [("Seen", sheet.seen), ("Speaks against it", sheet.against)] where !rows.isEmpty {
            lines += ["| \(title) | Value | Threshold | Probe | |", "|---|---:|---|---|---|"]
            lines += rows.map { row in
                "| " + (row.cells + [row.note]).map(Self.escaped).joined(separator: " | ") + " |"
            }
            lines.append("")
        }
        for (title, items) in [
            ("Could not be seen", sheet.missing), ("Explains also", sheet.consequences),
            ("Do", sheet.finding.rule.advice),
            ("Look at", sheet.finding.rule.checks), ("Read", sheet.finding.rule.references),
        ] where !items.isEmpty {
            lines += ["\(title):", ""] + items.map { "- " + Self.escaped($0) } + [""]
        }
        return lines
    }

    /// What Markdown or HTML would read as more than text is escaped.
    private static func escaped(_ text: String) -> String {
        Screen.safe(text).reduce(into: "") { result, character in
            if "\\`*_[]<>|#".contains(character) { result += "\\" }
            result.append(character)
        }
    }
}
