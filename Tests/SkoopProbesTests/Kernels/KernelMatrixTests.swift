// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopBPF
import SkoopTesting
import Testing

/// What probes use on which kernel: seen in the guests of `make test-kernels`, told in `Documentation/kernels.md`.
@Suite struct KernelMatrixTests {
    /// The kernel that the guest was booted with.
    static let series = ProcessInfo.processInfo.environment["SKOOP_KERNEL"]

    @Test(.requiresRoot, .enabled(if: series != nil, "is for the guests of make test-kernels"))
    func everyProbeUsesWhatItIsExpectedTo() throws {
        let series = try #require(Self.series)
        #expect("\(KernelVersion.running)".hasPrefix(series))
        try Golden().check(try KernelReport.running(series).text, against: "\(series).tsv")
    }

    @Test func theDocumentationSaysSo() throws {
        let folder = Golden().folder
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".tsv") }
        let kernels = try files.map { file in
            (
                series: String(file.dropLast(4)),
                report: try KernelReport(text: String(contentsOf: folder.appending(path: file), encoding: .utf8))
            )
        }
        let table = KernelTable(
            kernels: kernels.sorted { $0.series.compare($1.series, options: .numeric) == .orderedAscending })
        let page = URL(filePath: Fixtures.path("../../Documentation/kernels.md"))
        let text = try String(contentsOf: page, encoding: .utf8)
        let parts = text.split(separator: "<!-- generated -->\n", omittingEmptySubsequences: false)
        try #require(parts.count == 3, "kernels.md has one generated part")
        let generated = [String(parts[0]), "\n" + table.markdown + "\n", String(parts[2])]
            .joined(separator: "<!-- generated -->\n")
        if ProcessInfo.processInfo.environment["SKOOP_UPDATE_GOLDEN"] == "1" {
            try generated.write(to: page, atomically: true, encoding: .utf8)
            return
        }
        #expect(text == generated, "Documentation/kernels.md is stale; make test-kernels ARGS=--update rewrites it")
    }
}
