// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopAnalysis
import SkoopModel
import SkoopReport
import SkoopTesting
import Testing

@Suite struct ReportTests {
    private static let hostile = "<script>alert('x')</script> | `a` \u{1b}[31m \"&\n"

    @Test(arguments: [100, 60]) func theTerminalShowsItAll(width: Int) throws {
        let text = TerminalReport(width: width, times: .universal).text(SampleAnalysis.analysis())
        try Golden().check(text, against: "terminal-\(width).txt")
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= width })
    }

    @Test func oneScreenIsEnoughForACause() {
        let text = TerminalReport(width: 100, times: .universal).text(SampleAnalysis.analysis())
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 40)
    }

    @Test func coloursChangeNoWord() {
        let analysis = SampleAnalysis.analysis()
        let coloured = TerminalReport(isColoured: true, times: .universal).text(analysis)
        let plain = coloured.replacing(#/\u{1b}\[[0-9]+m/#, with: "")
        #expect(coloured != plain && plain == TerminalReport(times: .universal).text(analysis))
    }

    @Test func markdownShowsItAll() throws {
        try Golden().check(MarkdownReport().text(SampleAnalysis.analysis()), against: "report.md")
    }

    @Test func jsonFollowsItsSchema() throws {
        let schema = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Documentation/schema/analysis-1.json").path()
        let oracle = PythonOracle(
            "validate.py", file: #filePath.replacing("SkoopReportTests", with: "SkoopExportTests"))
        let analyses = [
            SampleAnalysis.analysis(), SampleAnalysis.analysis(of: SampleAnalysis.evidence(pod: Self.hostile)),
            Analyzer().analyze(Evidence()),
        ]
        for analysis in analyses {
            #expect(try oracle.run(schema, input: Array(JSONReport.text(analysis).utf8)) == "")
        }
        try Golden().check(JSONReport.text(analyses[0]), against: "report.json")
    }

    @Test func namesAreTextAndNothingElse() {
        let analysis = SampleAnalysis.analysis(of: SampleAnalysis.evidence(pod: Self.hostile))
        #expect(analysis.findings.count == 1)
        let terminal = TerminalReport(times: .universal).text(analysis)
        #expect(!terminal.contains("\u{1b}") && terminal.contains("\\u{1B}"))
        let markdown = MarkdownReport().text(analysis)
        #expect(!markdown.contains(#/[^\\]<script/#) && !markdown.contains(#/[^\\]\| `a`/#))
    }

    @Test func nothingIsSaidToBeNothing() {
        let empty = TerminalReport().text(Analyzer().analyze(Evidence()))
        #expect(empty.contains("too little evidence") && empty.contains("there is no evidence at all"))
        #expect(MarkdownReport().text(Analyzer().analyze(Evidence())).contains("too little evidence"))
    }

    @Test func thePageLoadsNothingAndDrawsTheEvidence() throws {
        let evidence = SampleAnalysis.evidence()
        let page = HTMLReport().text(SampleAnalysis.analysis(of: evidence), evidence)
        try Golden().check(page, against: "report.html")
        for word in ["<script", "src=", "href=\"http", "url(", "@import", "<link"] { #expect(!page.contains(word)) }
        // Three observations and one contradiction; of the counters each interval is a column.
        #expect(page.ranges(of: "<figure").count == 4 && page.ranges(of: "class=\"chart against\"").count == 1)
        #expect(page.ranges(of: "<rect class=\"bar\"").count == 6 + 5)
        try XMLCheck.check(page)
    }

    @Test func namesOnThePageAreTextAndNothingElse() throws {
        let evidence = SampleAnalysis.evidence(pod: Self.hostile)
        let page = HTMLReport().text(SampleAnalysis.analysis(of: evidence), evidence)
        #expect(!page.contains("<script") && page.contains("&lt;script&gt;alert(&#39;x"))
        try XMLCheck.check(page)
        try XMLCheck.check(HTMLReport().text(Analyzer().analyze(Evidence()), Evidence()))
    }
}

/// Whether every element of a page ends where it must.
enum XMLCheck {
    struct Unbalanced: Error { var element: String }

    static func check(_ page: String) throws {
        var open: [Substring] = []
        for match in page.matches(of: #/<(/?)([a-zA-Z0-9]+)([^<>]*?)(/?)>/#) {
            let name = match.output.2
            if ["meta", "wbr"].contains(name) || match.output.4 == "/" { continue }
            guard match.output.1 == "/" else {
                open.append(name)
                continue
            }
            guard open.popLast() == name else { throw Unbalanced(element: "\(name)") }
        }
        guard open.isEmpty else { throw Unbalanced(element: open.joined(separator: " ")) }
        // What is left over is text.
        let text = page.replacing(#/<[^<>]*>/#, with: "")
        guard !text.contains("<"), !text.drop(while: { $0 != "}" }).contains("<") else {
            throw Unbalanced(element: "<")
        }
    }
}
