// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopEvidence

@Suite struct AccessLogTests {
    private static let second: UInt64 = 1_000_000_000
    private static let start: UInt64 = 1_763_800_000 * second
    private static let format =
        "$msec $status $request_time $upstream_addr $upstream_connect_time $upstream_header_time"

    /// Evidence of other sources: two pods on a node, a snapshot every 15 seconds.
    private func others(pods: [String] = ["proxy", "web"]) -> Evidence {
        var evidence = Evidence()
        for step in 0..<12 as Range<UInt64> {
            var table = EntityTable(node: "node-1")
            var family = Family(TCPMetric.outsegs.metric)
            for (number, pod) in pods.enumerated() {
                let entity = Entity(
                    kind: .pod, namespace: NamespaceID(rawValue: 100 + UInt64(number)), podNamespace: "shop",
                    podName: pod)
                family.append(step * 100, for: table.append(entity))
            }
            evidence.add(Snapshot(timestamp: Self.start + step * 15 * Self.second, entities: table, families: [family]))
        }
        return evidence
    }

    /// A log of three minutes, in whose second half some requests are refused.
    private func log(_ directory: borrowing TemporaryDirectory) throws -> String {
        let lines = (0..<180).map { second in
            let time = "\(1_763_800_000 + second).000"
            return second >= 90 && second % 3 == 0
                ? "\(time) 502 0.001 10.0.0.1:80 - -" : "\(time) 200 0.020 10.0.0.1:80 0.001 0.019"
        }
        try directory.write(lines.joined(separator: "\n"), to: "access.log")
        return directory.path + "/access.log"
    }

    private func analysis(_ sources: [any EvidenceSource], _ evidence: Evidence) throws -> (Analysis, Evidence) {
        var evidence = evidence
        let analyzer = Analyzer()
        for source in sources { try source.add(to: &evidence, EvidenceRequest(analyzer)) }
        return (analyzer.analyze(evidence), evidence)
    }

    @Test func besideOtherEvidenceItIsThePods() throws {
        let directory = try TemporaryDirectory()
        let path = try log(directory)
        let before = others()
        let source = AccessLog("shop/proxy=" + path, format: try AccessFormat(Self.format))
        let (analysis, evidence) = try analysis([source], before)
        #expect(evidence.entities.count == before.entities.count, "nobody else is there")
        let found = try #require(analysis.findings.first)
        #expect(found.rule.id == "upstream-refused" && found.subject.name == "shop/proxy")
        // The refused ones began after a minute and a half; steps are a quarter of a minute.
        #expect(found.from >= Self.start + 70 * Self.second && found.observations.contains { $0.value == 30 })
        #expect(!analysis.undecided.contains { $0.missing.contains { $0.probe == "access" } })
    }

    @Test func aloneItIsEnough() throws {
        let directory = try TemporaryDirectory()
        let (analysis, _) = try analysis([AccessLog(log(directory), format: AccessFormat(Self.format))], Evidence())
        #expect(analysis.findings.map(\.rule.id) == ["upstream-refused"])
    }

    @Test func ofAnotherTimeItIsAGap() throws {
        let directory = try TemporaryDirectory()
        try directory.write("1000000000 502 0.001 10.0.0.1:80 - -\n", to: "old.log")
        let source = AccessLog(directory.path + "/old.log", format: try AccessFormat(Self.format))
        let (analysis, _) = try analysis([source], others())
        #expect(analysis.findings.isEmpty)
        #expect(analysis.gaps.contains { $0.hasSuffix("of another time than the other evidence") })
    }

    @Test func whatIsNoLogIsAnError() throws {
        let directory = try TemporaryDirectory()
        try directory.write("first line\nsecond\n", to: "other.txt")
        var evidence = Evidence()
        let request = EvidenceRequest(metrics: [], events: [])
        let error = #expect(throws: EvidenceError.self) {
            try AccessLog(directory.path + "/other.txt").add(to: &evidence, request)
        }
        #expect(error?.message.hasPrefix("no request in it; line 1: not in the format of the log") == true)
        #expect(throws: EvidenceError.self) { try AccessLog("/nowhere/x").add(to: &evidence, request) }
    }

    @Test func aResolversFileIsEveryPodsUnlessOneIsNamed() throws {
        let directory = try TemporaryDirectory()
        try directory.write("search a b\nnameserver 10.0.0.1\noptions ndots:5\n", to: "resolv.conf")
        for (place, pods) in [("", ["shop/proxy", "shop/web"]), ("shop/web=", ["shop/web"])] {
            var evidence = others()
            let rule = Rule(
                "x", guides: [], symptom: "", cause: "",
                when: Quantity.level(Measure(ResolverMetric.ndots), .last) >= 5, advice: [])
            try ResolverFile(place + directory.path + "/resolv.conf").add(
                to: &evidence, EvidenceRequest(metrics: [], events: []))
            let found = Analyzer(rules: [rule]).analyze(evidence).findings
            #expect(Set(found.map(\.subject.name)) == Set(pods))
        }
    }

    /// A line that is longer than lines can be costs itself only.
    @Test func linesOfAnyLengthAndLogsWithoutAnEnd() throws {
        let directory = try TemporaryDirectory()
        let line = "1763800000 502 0.001 10.0.0.1:80 - -"
        let long = String(repeating: "x", count: 1 << 18)
        try directory.write("\(line)\n\(long)\n\(line)\n\n\(long)", to: "access.log")
        var evidence = Evidence()
        try AccessLog(directory.path + "/access.log", format: AccessFormat(Self.format)).add(
            to: &evidence, EvidenceRequest(metrics: [], events: []))
        #expect(
            evidence.gaps == [
                "\(directory.path)/access.log: 2 lines could not be read, the first: line 2: longer than a line can be"
            ])
    }
}
