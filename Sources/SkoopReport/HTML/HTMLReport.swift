// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis

/// An analysis as one page for browsers, with the evidence drawn around each incident.
///
/// The page holds all that it needs: it loads nothing, runs no script, and may be mailed.
public struct HTMLReport: Sendable {
    /// The zone of times.
    public var times: TimeText

    /// Makes one.
    public init(times: TimeText = .universal) { self.times = times }

    /// The most drawings of a finding.
    private static let charts = 8
    /// How much is drawn before and after an incident at least, in nanoseconds.
    private static let margin: UInt64 = 300_000_000_000

    /// The page.
    ///
    /// - Parameters:
    ///   - analysis: what is told.
    ///   - evidence: what it was made of, and is drawn.
    public func text(_ analysis: Analysis, _ evidence: Evidence) -> String {
        let title = HTMLText.escaped(analysis.verdict)
        var page = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(title)</title>
            <style>
            \(HTMLStyle.text)</style>
            </head>
            <body>
            <header>
            <h1>\(title)</h1>
            <p>\(HTMLText.escaped(analysis.summary(times)))</p>
            \(Timeline(findings: analysis.findings, range: analysis.range, times: times).html)</header>
            <main>

            """
        if !analysis.gaps.isEmpty {
            page += "<section class=\"gaps\">\n\(HTMLText.list("The evidence is partial", analysis.gaps))</section>\n"
        }
        for (position, finding) in analysis.findings.enumerated() {
            page += section(finding, number: position + 1, evidence)
        }
        page += open(analysis)
        return page
            + "</main>\n<footer>Made by skoop; times are \(times.zone(at: analysis.range.upperBound)).</footer>\n</body>\n</html>\n"
    }

    private func section(_ finding: Finding, number: Int, _ evidence: Evidence) -> String {
        let sheet = FindingSheet(finding, times)
        var text = "<section id=\"finding-\(number)\">\n<p class=\"case\">\(HTMLText.escaped(finding.rule.id))"
        text += "<span class=\"confidence\">\(sheet.confidence) likely</span></p>\n"
        text += "<h2>\(number). \(HTMLText.breakable(sheet.subject))</h2>\n"
        text += "<p class=\"time\">\(HTMLText.escaped(sheet.time))</p>\n"
        text += "<p class=\"sentence\">\(HTMLText.escaped(sheet.sentence))</p>\n"
        text += charts(finding, evidence)
        text += table("Seen", sheet.seen) + table("Speaks against it", sheet.against)
        text += "<div class=\"columns\">\n"
        for (title, items) in [
            ("Do", finding.rule.advice), ("Look at", finding.rule.checks), ("Explains also", sheet.consequences),
            ("Could not be seen", sheet.missing), ("Read", finding.rule.references),
        ] where !items.isEmpty {
            text += "<div>\n\(HTMLText.list(title, items))</div>\n"
        }
        return text + "</div>\n</section>\n"
    }

    private func charts(_ finding: Finding, _ evidence: Evidence) -> String {
        let observations = finding.observations + finding.contradictions
        let margin = max(Self.margin, finding.to - min(finding.from, finding.to))
        let all = evidence.range ?? finding.from...finding.to
        let from = max(all.lowerBound, finding.from - min(finding.from, margin))
        let range = from...max(from, min(all.upperBound, finding.to + margin))
        var drawn: [String] = []
        for (position, curve) in evidence.curves(of: observations, range: range).enumerated()
        where drawn.count < Self.charts {
            let observation = observations[position]
            let row = FindingSheet.Row(observation, of: finding)
            let chart = CurveChart(
                curve: curve, incident: finding.from...max(finding.from, finding.to), range: range, times: times,
                isContradiction: position >= finding.observations.count, title: curve.quantity.words, note: row.note)
            if let html = chart.html, !drawn.contains(html) { drawn.append(html) }
        }
        return drawn.isEmpty ? "" : "<div class=\"charts\">\n\(drawn.joined())</div>\n"
    }

    private func table(_ title: String, _ rows: [FindingSheet.Row]) -> String {
        guard !rows.isEmpty else { return "" }
        var text = "<table>\n<thead><tr><th>\(title)</th><th>Value</th><th>Threshold</th><th>Probe</th></tr></thead>\n"
        for row in rows {
            let note = row.note.isEmpty ? "" : "<small>\(HTMLText.breakable(row.note))</small>"
            text +=
                "<tr><td>\(HTMLText.breakable(row.what))\(note)</td><td class=\"number\">\(HTMLText.escaped(row.value))</td>"
            text += "<td>\(HTMLText.escaped(row.bound))</td><td>\(HTMLText.escaped(row.probes))</td></tr>\n"
        }
        return text + "</table>\n"
    }

    private func open(_ analysis: Analysis) -> String {
        let questions = OpenQuestion.all(in: analysis)
        guard !questions.isEmpty else { return "" }
        let cases = Set(questions.flatMap(\.rules)).count
        var text = "<section class=\"open\">\n<details\(analysis.findings.isEmpty ? " open" : "")>\n"
        text += "<summary>\(cases) \(cases == 1 ? "cause" : "causes") could not be looked for</summary>\n<dl>\n"
        for question in questions {
            text += "<dt>\(HTMLText.escaped(question.rules.joined(separator: ", ")))</dt>\n"
            for hint in question.hints { text += "<dd class=\"hint\">seen: \(HTMLText.breakable(hint))</dd>\n" }
            for missing in question.missing { text += "<dd>\(HTMLText.breakable(missing))</dd>\n" }
        }
        return text + "</dl>\n</details>\n</section>\n"
    }
}
