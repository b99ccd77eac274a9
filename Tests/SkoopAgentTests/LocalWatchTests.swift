// SPDX-License-Identifier: Apache-2.0
import SkoopAgent
import SkoopAnalysis
import SkoopEvidence
import SkoopModel
import SkoopReport
import SkoopTesting
import Testing

/// The probes of this host in this process, as the command-line tool runs them.
@Suite(.serialized) struct LocalWatchTests {
    private static let request = EvidenceRequest(
        metrics: [TCPMetric.retranssegs.metric, UDPMetric.noports.metric], events: [])

    @Test(.requiresRoot) func watchesThisHost() throws {
        var evidence = Evidence()
        let watch = LocalWatch(for: .milliseconds(900), every: .milliseconds(300), node: "here")
        try watch.add(to: &evidence, Self.request)
        #expect(evidence.times.count >= 3 && evidence.gaps.isEmpty, "\(evidence.gaps)")
        #expect(evidence.entities.first?.name == "here")
        #expect(evidence.probes["tcp"] == .running && evidence.probes["udp"] == .running)
        #expect(evidence.probes["ip"] == .off)
    }

    @Test(.requiresRoot) func aRecordingIsAnalysedElsewhere() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/recording"
        let watch = LocalWatch(for: .milliseconds(600), every: .milliseconds(300))
        let size = try watch.record(path, Self.request)
        var investigation = Investigation([Recording(path)])
        try investigation.run()
        #expect(size > 0 && investigation.analysis.gaps.isEmpty && investigation.evidence.times.count >= 2)
        #expect(investigation.evidence.probes["tcp"] == .running)
        // What was not recorded cannot be ruled out, and is named.
        #expect(investigation.analysis.undecided.contains { $0.missing.contains { $0.state == .off } })
        #expect(throws: EvidenceError.self) { try watch.record(path, Self.request) }
        try investigation.writeHTML(directory.path + "/page.html")
        for format in Investigation.Format.allCases { #expect(!investigation.text(format).isEmpty) }
    }

    @Test func oneSourceThatFailsIsAGap() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            "{\"type\":\"BIOLAT_10MS\",\"timestamp\":1763800000000000000,\"labels\":null}\n", to: "events")
        let events = EventFile(directory.path + "/events")
        var investigation = Investigation([EventFile(directory.path + "/missing"), events])
        try investigation.run()
        #expect(investigation.analysis.gaps.contains { $0.contains("missing: ") })
        var failing = Investigation([EventFile(directory.path + "/missing")])
        #expect(throws: EvidenceError.self) { try failing.run() }
        // A time of which the evidence says nothing.
        var early = Investigation([events], range: 1_000_000_000...2_000_000_000)
        let error = #expect(throws: EvidenceError.self) { try early.run() }
        #expect(error?.message.hasPrefix("there is no evidence of ") == true, "\(String(describing: error))")
    }

    @Test func saysWhatIsWrongOnTheCommandLine() throws {
        #expect(throws: EvidenceError.self) { try LocalWatch(for: "soon", every: "1s") }
        #expect(throws: EvidenceError.self) { try TimeWindow.range(at: "25:00", window: nil, now: 1) }
        #expect(throws: EvidenceError.self) { try TimeWindow.range(at: nil, window: "0s", now: 1) }
        #expect(throws: EvidenceError.self) { try EventWatch(types: ["nothing"], format: .json) }
        #expect(throws: EvidenceError.self) { try Remotes(tokenFile: "/a", userFile: "/b") }
        let remotes = try Remotes()
        #expect(throws: EvidenceError.self) { try remotes.scrape(["http://a", "b"], for: "1s", every: "1s") }
        #expect(throws: EvidenceError.self) { try remotes.prometheus("prometheus:9090", pods: []) }
        #expect(try remotes.scrape([], for: "1s", every: "1s").isEmpty)
        let now: UInt64 = 1_763_800_215_000_000_000
        let quarter = try TimeWindow.range(at: "20m", window: nil, now: now)
        #expect(quarter == now - 2_100_000_000_000...now - 1_200_000_000_000)
    }
}
