// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite struct IPVSProbeTests {
    private static let node = NetworkNamespace(id: NamespaceID(rawValue: 1), pid: 1)

    /// Collects once per text, with one probe.
    private func collect(_ texts: [[UInt8]]) throws -> [[UInt64?]] {
        let directory = try TemporaryDirectory()
        try directory.link("1/ns/net", to: "net:[1]")
        try directory.write("", to: "1/net/ip_vs_stats")
        var probe = try IPVSProbe(ProbeEnvironment(host: .init(proc: directory.path)))
        return try texts.map { text in
            try directory.write(text, to: "1/net/ip_vs_stats")
            let families = try probe.collect(Scrape(number: 1, census: .test(node: Self.node)))
            return IPVSMetric.allCases.map { families.value($0) }
        }
    }

    /// The totals that ipvsadm printed of the same state are in the fixture's README.
    @Test func readsADirectorInThreeStates() throws {
        let texts = try ["idle/proc", "proc", "later/proc"].map { try Fixtures.bytes("ipvs/\($0)/net/ip_vs_stats") }
        #expect(
            try collect(texts) == [
                [0, 0, 0, 0, 0], [43, 564, 588, 32906, 4_339_742], [72, 966, 980, 56299, 7_338_393],
            ])
        let readme = try Fixtures.text("ipvs/README.md")
        #expect(readme.contains("| 72 | 966 | 980 | 56299 | 7338393 |"))
    }

    @Test func totalsGoOnWhenTheyAreSetToZero() throws {
        let texts = try ["later/proc", "idle/proc", "proc"].map { try Fixtures.bytes("ipvs/\($0)/net/ip_vs_stats") }
        let found = try collect(texts)
        #expect(found[1] == found[0])
        #expect(found[2] == [115, 1530, 1568, 89205, 11_678_135])
    }

    @Test func withoutIPVSTheSubsystemIsMissing() throws {
        let directory = try TemporaryDirectory()
        try directory.write("x", to: "1/net/dev")
        let host = ProbeEnvironment.HostPaths(proc: directory.path)
        let error = #expect(throws: ProbeError.self) { try IPVSProbe(ProbeEnvironment(host: host)) }
        #expect(error?.reason == .missingSubsystem)
    }

    @Test(arguments: [
        "", "a\nb\n", "a\nb\n1 2 3 4\n", "a\nb\n1 2 3 4 5 6\n", "a\nb\n1 2 3 4 x\n", "a\nb\n\n1 2 3 4 5\n",
    ])
    func anotherFormIsMalformed(text: String) {
        let error = #expect(throws: ProbeError.self) { try collect([Array(text.utf8)]) }
        #expect(error?.reason == .malformed)
    }

    @Test func damagedFilesAreSurvived() throws {
        var random = SeededGenerator()
        let original = try Fixtures.bytes("ipvs/proc/net/ip_vs_stats")
        for bytes in mutations(of: original, count: 100, using: &random) {
            do {
                let values = try collect([bytes])
                #expect(values[0].count == 5, "seed \(random.seed)")
            } catch let error as ProbeError {
                #expect(error.reason == .malformed, "seed \(random.seed)")
            }
        }
    }
}
