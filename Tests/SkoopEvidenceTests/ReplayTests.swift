// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopEvidence
import SkoopModel
import SkoopTesting
import Testing

/// What evidence has kept can be recorded, and is the same when it is read.
@Suite struct ReplayTests {
    /// The rows of a snapshot in words, in any order.
    private func rows(_ snapshot: Snapshot) -> Set<String> {
        Set(
            snapshot.families.flatMap { family in
                (0..<family.count).map { row in
                    let entity = snapshot.entities.entities[Int(family.entities[row])]
                    let counts = Array(family.bucketCounts(of: row))
                    return "\(snapshot.timestamp) \(snapshot.entities.node) \(entity.podName) \(family.metric.name) "
                        + "\(Array(family.labels(of: row))) \(family.values[row]) \(counts)"
                }
            })
    }

    @Test func snapshotsComeBack() throws {
        var random = SeededGenerator()
        var evidence = Evidence(span: .max / 4)
        var given: Set<String> = []
        for step in 0..<12 {
            for node in ["node-1", "node-2"] {
                // Pods come and go.
                var snapshot = Sample.snapshot(pods: min(step / 2, 12 - step, 3), node: node, using: &random)
                snapshot.timestamp += UInt64(step) * 15 * Sample.second
                for family in snapshot.families.indices where snapshot.families[family].metric.buckets != nil {
                    // Buckets only ever grow, and so none that was seen is empty later.
                    let bound = snapshot.families[family].bucketCounts.count
                    snapshot.families[family] = grown(snapshot.families[family], by: UInt64(step), bound)
                }
                evidence.add(snapshot)
                given.formUnion(rows(snapshot))
            }
        }
        var found: Set<String> = []
        evidence.forEachSnapshot { found.formUnion(rows($0)) }
        #expect(found == given)
        #expect(Set(evidence.metrics) == Set(Catalogue.metrics))
    }

    private func grown(_ family: Family, by step: UInt64, _ bound: Int) -> Family {
        var grown = Family(family.metric)
        let width = family.metric.buckets?.width ?? 0
        for row in 0..<family.count {
            grown.append(
                sum: family.values[row], counts: (0..<width).map { $0 % 3 == 0 ? 0 : UInt64($0) + step },
                for: family.entities[row], labels: Array(family.labels(of: row)))
        }
        return grown
    }

    @Test func aRecordingInMemoryIsTheSameAsAFile() throws {
        var random = SeededGenerator()
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a.skoop"
        let snapshot = Sample.snapshot(using: &random)
        let events = Catalogue.events.map { Sample.event($0, using: &random) }
        var file = try RecordingWriter(path)
        var memory = try RecordingWriter()
        try file.write(facts: ["node": "n"], probes: ["tcp": .running])
        try memory.write(facts: ["node": "n"], probes: ["tcp": .running])
        try file.write(snapshot)
        try memory.write(snapshot)
        try file.write(events)
        try memory.write(events)
        try file.finish()
        let bytes = try memory.end()
        try directory.write(bytes, to: "b.skoop")
        #expect(try run("cmp", path, directory.path + "/b.skoop").isEmpty)
    }
}
