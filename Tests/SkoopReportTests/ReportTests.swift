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
}
