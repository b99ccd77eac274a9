// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite struct SoftnetProbeTests {
    /// Collects once per text, with one probe.
    private func collect(_ texts: [String]) throws -> ([[Family]], [String: UInt64]) {
        let directory = try TemporaryDirectory()
        try directory.link("4242/ns/net", to: "net:[4026532999]")
        var probe = try SoftnetProbe(ProbeEnvironment(host: .init(proc: directory.path)))
        let problems = ProblemCounter()
        let results = try texts.enumerated().map { number, text in
            try directory.write(text, to: "4242/net/softnet_stat")
            return try probe.collect(Scrape(number: UInt64(number), census: .test(node: .fixture), problems: problems))
        }
        return (results, problems.all)
    }

    @Test func readsTheFixture() throws {
        var probe = try SoftnetProbe(ProbeEnvironment(host: .fixture))
        let scrape = Scrape(number: 1, census: .test(node: .fixture))
        let families = try probe.collect(scrape)
        #expect(families.value(SoftnetMetric.processed) == 0x9683 + 0x7524)
        #expect(families.value(SoftnetMetric.dropped) == 0)
        #expect(families.value(SoftnetExtraMetric.processed, labels: ["0"]) == 0x9683)
        #expect(families.value(SoftnetExtraMetric.processed, labels: ["1"]) == 0x7524)
        #expect(families.value(SoftnetExtraMetric.backlogLength, labels: ["1"]) == 0)
        for family in families where family.metric.labels.extra.isEmpty { #expect(family.count == 1) }
        #expect(scrape.problems.all.isEmpty)
    }

    /// Lines in the forms that kernel versions have had, with made-up numbers; 5.10 and later name the CPU.
    @Test(
        arguments: [
            ("2.6.23", "00000001 00000002 00000003 0 0 0 0 0 00000000", nil, nil, nil, "0"),
            ("2.6.35", "00000001 00000002 00000003 0 0 0 0 0 00000000 00000004", 4, nil, nil, "0"),
            ("3.11", "00000001 00000002 00000003 0 0 0 0 0 00000000 00000004 00000005", 4, 5, nil, "0"),
            ("5.10", "00000001 00000002 00000003 0 0 0 0 0 0 00000004 00000005 00000006 0000001f", 4, 5, 6, "31"),
            (
                "6.5", "00000001 00000002 00000003 0 0 0 0 0 0 00000004 00000005 00000006 0000001f 00000006 0", 4, 5, 6,
                "31"
            ),
            (
                "later", "00000001 00000002 00000003 0 0 0 0 0 0 00000004 00000005 00000006 0000001f 0 6 7 8", 4, 5, 6,
                "31"
            ),
        ] as [(String, String, UInt64?, UInt64?, UInt64?, String)])
    func columnsDependOnTheKernel(
        version: String, line: String, rps: UInt64?, flowLimit: UInt64?, backlog: UInt64?, cpu: String
    ) throws {
        let (results, problems) = try collect([line + "\n"])
        #expect(results[0].value(SoftnetExtraMetric.processed, labels: [cpu]) == 1)
        #expect(results[0].value(SoftnetExtraMetric.dropped, labels: [cpu]) == 2)
        #expect(results[0].value(SoftnetExtraMetric.timeSqueezed, labels: [cpu]) == 3)
        #expect(results[0].value(SoftnetExtraMetric.receivedRPS, labels: [cpu]) == rps)
        #expect(results[0].value(SoftnetExtraMetric.flowLimit, labels: [cpu]) == flowLimit)
        #expect(results[0].value(SoftnetExtraMetric.backlogLength, labels: [cpu]) == backlog)
        #expect(problems.isEmpty)
    }

    @Test func countersGoOnBeyondThirtyTwoBitsAndWithoutTheirCPU() throws {
        let line = { (processed: String, cpu: String) in "\(processed) 0 0 0 0 0 0 0 0 0 0 0 \(cpu)\n" }
        let (results, _) = try collect([
            line("fffffff0", "00") + line("00000010", "02"), line("00000010", "00") + line("00000011", "02"),
            line("00000020", "00"), line("00000021", "00") + line("00000015", "02"),
        ])
        #expect(
            results.map { $0.value(SoftnetExtraMetric.processed, labels: ["0"]) }
                == [0xffff_fff0, 0x1_0000_0010, 0x1_0000_0020, 0x1_0000_0021])
        #expect(results.map { $0.value(SoftnetExtraMetric.processed, labels: ["2"]) } == [0x10, 0x11, 0x11, 0x15])
        #expect(results[3].value(SoftnetMetric.processed) == 0x1_0000_0036)
        // What is no counter is gone with the CPU.
        #expect(results[2].rows(SoftnetExtraMetric.backlogLength) == 1)
    }

    @Test func aMalformedLineIsLostAlone() throws {
        let good = "00000001 00000000 00000000 0 0 0 0 0 0 0 0 0 00000001"
        for bad in ["", "1 2 3", "0000000g 0 0 0 0 0 0 0 0", "100000000 0 0 0 0 0 0 0 0"] {
            let (results, problems) = try collect([bad + "\n" + good + "\n"])
            #expect(results[0].value(SoftnetMetric.processed) == 1, "\(bad)")
            #expect(problems == ["softnet_stat-line": 1], "\(bad)")
        }
    }

    @Test func damagedFilesAreSurvived() throws {
        var random = SeededGenerator()
        let original = try Fixtures.bytes("procfs/proc/4242/net/softnet_stat")
        for bytes in mutations(of: original, count: 100, using: &random) {
            let (results, _) = try collect([String(decoding: bytes, as: UTF8.self)])
            #expect(results[0].count == 8, "seed \(random.seed)")
        }
    }

    @Test func theLiveKernelHasARowPerOnlineCPU() throws {
        var probe = try SoftnetProbe(ProbeEnvironment())
        let scrape = Scrape(number: 1, census: try .live())
        let families = try probe.collect(scrape)
        let online = try run("getconf", "_NPROCESSORS_ONLN").trimmingCharacters(in: .whitespacesAndNewlines)
        #expect("\(families.rows(SoftnetExtraMetric.processed))" == online)
        #expect(families.value(SoftnetMetric.processed) ?? 0 > 0)
        #expect(scrape.problems.all.isEmpty)
    }
}
