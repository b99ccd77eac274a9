// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopBPF
import SkoopProbes
import SkoopTesting
import Testing

/// What probes use on which kernel: seen in the guests of `make test-kernels`, told in `Documentation/kernels.md`.
@Suite struct KernelMatrixTests {
    /// The kernel that the guest was booted with.
    static let series = ProcessInfo.processInfo.environment["SKOOP_KERNEL"]

    private static let isUpdating = ProcessInfo.processInfo.environment["SKOOP_UPDATE_GOLDEN"] == "1"
    private static let times = ".times.tsv"

    @Test(.requiresRoot, .enabled(if: series != nil, "is for the guests of make test-kernels"))
    func everyProbeUsesWhatItIsExpectedTo() throws {
        let series = try #require(Self.series)
        #expect("\(KernelVersion.running)".hasPrefix(series))
        let report = try KernelReport.running(series)
        try Golden().check(report.withoutTimes.text, against: "\(series).tsv")
        if Self.isUpdating { try Golden().check(report.times.text, against: "\(series)\(Self.times)") }
    }

    /// Records with stacks behind them are made by other paths through the programs, which verifiers see by themselves.
    @Test(.requiresRoot, .enabled(if: series != nil, "is for the guests of make test-kernels"))
    func everyProbeTellsStacksWhereItCan() throws {
        let argument = "enableStack"
        let types = ProbeRegistry.all.filter { $0.definition.arguments.contains { $0.name == argument } }
        #expect(types.count >= 3)
        for type in types {
            for avoided in [[], ["tp_btf", "fentry", "fexit"]] {
                var environment = ProbeEnvironment(arguments: [argument: .bool(true)], events: EventOutlet())
                environment.avoidedHooks = Set(avoided)
                #expect(throws: Never.self, "\(type.definition.name)") { try type.init(environment) }
            }
        }
    }

    @Test func theDocumentationSaysSo() throws {
        let folder = Golden().folder
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path())
        let kernels = try files.filter { $0.hasSuffix(Self.times) }.map { file in
            let series = file.dropLast(Self.times.count)
            let text = try ["\(series).tsv", file].map { name in
                try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            }
            return (series: String(series), report: try KernelReport(text: text.joined()))
        }
        let table = KernelTable(
            kernels: kernels.sorted { $0.series.compare($1.series, options: .numeric) == .orderedAscending })
        let page = URL(filePath: Fixtures.path("../../Documentation/kernels.md"))
        let text = try String(contentsOf: page, encoding: .utf8)
        let parts = text.split(separator: "<!-- generated -->\n", omittingEmptySubsequences: false)
        try #require(parts.count == 3, "kernels.md has one generated part")
        let generated = [String(parts[0]), "\n" + table.markdown + "\n", String(parts[2])]
            .joined(separator: "<!-- generated -->\n")
        if Self.isUpdating {
            try generated.write(to: page, atomically: true, encoding: .utf8)
            return
        }
        #expect(text == generated, "Documentation/kernels.md is stale; make test-kernels ARGS=--update rewrites it")
    }
}
