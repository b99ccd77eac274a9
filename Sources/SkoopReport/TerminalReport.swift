// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis

/// Says on a screen what happened to whom and why.
public struct TerminalReport: Sendable {
    /// How many columns there are.
    public var width: Int
    /// Whether colours are shown.
    public var isColoured: Bool
    /// The zone of times.
    public var times: TimeText
    /// How many findings are told in full; of the rest one line each.
    public var fullFindings: Int

    /// Makes one; see the properties for the meaning of each argument.
    public init(width: Int = 100, isColoured: Bool = false, times: TimeText = .local, fullFindings: Int = 5) {
        self.width = max(40, width)
        self.isColoured = isColoured
        self.times = times
        self.fullFindings = fullFindings
    }

    /// The report, lines with their ends; what a terminal would obey is escaped.
    public func text(_ analysis: Analysis) -> String {
        var screen = Screen(width: width, isColoured: isColoured)
        screen.paragraph(analysis.summary(times), .dim)
        screen.paragraph(analysis.verdict, .bold)
        for (position, finding) in analysis.findings.enumerated() {
            let sheet = FindingSheet(finding, times)
            if position < fullFindings {
                write(sheet, number: position + 1, &screen)
            } else {
                if position == fullFindings { screen.newline() }
                screen.paragraph(
                    "\(position + 1). \(finding.rule.id)  \(sheet.subject)  \(sheet.time)  \(sheet.confidence)")
            }
        }
        let questions = OpenQuestion.all(in: analysis)
        if !questions.isEmpty {
            screen.newline()
            screen.paragraph("Could not be looked for:", .bold)
            for question in questions {
                screen.item("", question.rules.joined(separator: ", "), .yellow)
                for hint in question.hints.prefix(3) { screen.item("  seen", hint) }
                screen.item("  needs", Self.shortened(question.missing), .dim)
            }
        }
        for (position, gap) in analysis.gaps.enumerated() {
            if position == 0 { screen.newline() }
            screen.item(position == 0 ? "partial" : "", gap, .yellow)
        }
        return screen.text
    }

    private func write(_ sheet: FindingSheet, number: Int, _ screen: inout Screen) {
        screen.newline()
        screen.heading("\(number). \(sheet.finding.rule.id)  \(sheet.subject)", "\(sheet.confidence) likely")
        screen.item("", sheet.time, .dim)
        screen.item("", sheet.sentence)
        screen.rows("seen", sheet.seen, .green)
        screen.rows("against", sheet.against, .red)
        if !sheet.missing.isEmpty { screen.item("not seen", Self.shortened(sheet.missing), .dim) }
        if sheet.finding.isPartial { screen.item("", "the evidence is partial, see below", .yellow) }
        for (title, lines) in [
            ("explains", sheet.consequences), ("do", sheet.finding.rule.advice), ("look at", sheet.finding.rule.checks),
        ] {
            for (position, line) in lines.prefix(6).enumerated() { screen.item(position == 0 ? title : "", line) }
            if lines.count > 6 { screen.item("", "and \(lines.count - 6) more", .dim) }
        }
    }

    private static func shortened(_ lines: [String]) -> String {
        lines.prefix(4).joined(separator: "; ") + (lines.count > 4 ? "; and \(lines.count - 4) more" : "")
    }
}
