// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopEvidence
import SkoopModel
import SkoopTesting
import Testing

/// Several sources at once.
@Suite struct GatherTests {
    /// Snapshots of a node whose counters grow.
    private struct Source: EvidenceSource {
        var node: String
        /// In seconds.
        var times: [UInt64]

        var snapshots: [Snapshot] {
            times.map { time in
                var table = EntityTable(node: node)
                let pod = table.append(
                    Entity(
                        kind: .pod, namespace: NamespaceID(rawValue: 4_026_532_000), podNamespace: "shop",
                        podName: "cart"))
                var family = Family(TCPExtMetric.listenoverflows.metric)
                family.append(time, for: pod)
                return Snapshot(timestamp: Sample.start + time * Sample.second, entities: table, families: [family])
            }
        }

        func add(to evidence: inout Evidence, _ request: EvidenceRequest) throws(EvidenceError) {
            for snapshot in snapshots { evidence.add(snapshot) }
        }
    }

    @Test func snapshotsOfSeveralSourcesAreSortedByTime() throws {
        let sources = [
            Source(node: "a", times: [10, 20, 30]), Source(node: "b", times: [5, 15, 25]),
            Source(node: "a", times: [40, 50]),
        ]
        let evidence = try Evidence(from: sources, EvidenceRequest(Analyzer()))
        #expect(evidence.times == [5, 10, 15, 20, 25, 30, 40, 50].map { Sample.start + $0 * Sample.second })
        var found: [String] = []
        evidence.forEachSnapshot { snapshot in
            let value = snapshot.families.first?.values.first ?? 0
            found.append("\(snapshot.entities.node) \(value)")
            #expect(snapshot.timestamp == Sample.start + value * Sample.second)
        }
        #expect(found == ["b 5", "a 10", "b 15", "a 20", "b 25", "a 30", "a 40", "a 50"])
        // What a node counted is divided by the time between its own snapshots.
        let rule = Rule(
            "r", guides: [.http], symptom: "", cause: "", window: 1,
            when: Quantity.rate(Measure(TCPExtMetric.listenoverflows)) > 1.1, advice: [])
        #expect(Analyzer(rules: [rule]).analyze(evidence).findings.isEmpty)
    }

    @Test func recordingsOfSeveralNodesAreReadTogether() throws {
        let directory = try TemporaryDirectory()
        let nodes = ["a", "b"]
        for (number, node) in nodes.enumerated() {
            var writer = try RecordingWriter(directory.path + "/" + node)
            try writer.write(
                facts: ["node": node], probes: [EvidenceKey.events(of: "connect"): number == 0 ? .running : .off])
            for snapshot in Source(node: node, times: [0, 10, 20]).snapshots { try writer.write(snapshot) }
            try writer.finish()
        }
        let evidence = try Evidence(
            from: nodes.map { Recording(directory.path + "/" + $0) }, EvidenceRequest(Analyzer()))
        #expect(evidence.times.count == 3 && Set(evidence.entities.map(\.node)) == ["a", "b"])
        let rule = Rule(
            "r", guides: [.http], symptom: "", cause: "",
            when: Quantity.events(EventQuery(ConnectEvent.noAnswer)) >= 1, advice: [])
        #expect(Analyzer(rules: [rule]).analyze(evidence).undecided.map(\.subject?.node) == ["b"])
    }
}
