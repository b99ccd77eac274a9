// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopModel
import SkoopTesting
import Testing

@Suite struct SnapshotEncoderTests {
    @Test(arguments: ExpositionFormat.allCases)
    func `a page is what the golden file says`(format: ExpositionFormat) throws {
        var encoder = SnapshotEncoder()
        let page = encoder.encode(SampleSnapshot.everything(), as: format)
        try Golden().check(String(decoding: page, as: UTF8.self), against: "everything.\(format.rawValue)")
    }

    @Test(arguments: ExpositionFormat.allCases)
    func `a page with compatible names is what the golden file says`(format: ExpositionFormat) throws {
        var encoder = SnapshotEncoder()
        let page = encoder.encode(SampleSnapshot.everything(), as: format, compatNames: [.ack, .v0])
        try Golden().check(String(decoding: page, as: UTF8.self), against: "compat.\(format.rawValue)")
    }

    @Test(arguments: ExpositionFormat.allCases)
    func `the size of the chunks does not change the page`(format: ExpositionFormat) {
        let snapshot = SampleSnapshot.everything()
        var whole = SnapshotEncoder()
        let page = whole.encode(snapshot, as: format, compatNames: [.ack, .v0])
        for size in [0, 1, 7, 64, 500, 5000] {
            var encoder = SnapshotEncoder(chunkSize: size)
            #expect(encoder.encode(snapshot, as: format, compatNames: [.ack, .v0]) == page)
            #expect(encoder.next() == nil)
        }
    }

    @Test(arguments: [0, 1, 2, 9, 19, 20, 25])
    func `numbers of every length are written exactly`(decimals: Int) {
        var random = SeededGenerator()
        var family = Family(
            Metric(name: "m", probe: "", kind: .gauge, decimals: decimals, help: "", labels: .plain(["x"]), source: ""))
        for value in SampleSnapshot.boundaries { family.append(value, labels: [""]) }
        for digits in 0..<20 {
            let power = (0..<digits).reduce(UInt64(1)) { power, _ in power * 10 }
            for value in [power - 1, power, power + 1] { family.append(value, labels: [""]) }
            for _ in 0..<50 {
                family.append(
                    UInt64.random(in: power - 1...power.multipliedReportingOverflow(by: 9).0, using: &random),
                    labels: [""])
            }
        }
        let snapshot = Snapshot(timestamp: 0, entities: SampleSnapshot.entities(), families: [family])
        var encoder = SnapshotEncoder()
        let made = String(decoding: encoder.encode(snapshot, as: .prometheus), as: UTF8.self).split(separator: "\n")
            .dropFirst().map { String($0.dropFirst("m{x=\"\"} ".count)) }
        #expect(made == ExpectedSeries.all(of: snapshot).map(\.value))
    }

    @Test func `a label longer than a chunk is written`() {
        var family = Family(SampleSnapshot.metrics[2])
        let long = String(repeating: "\n", count: 1_000_000)
        family.append(1, for: 0, labels: [long])
        family.append(2, for: 0, labels: ["short"])
        let snapshot = Snapshot(timestamp: 0, entities: SampleSnapshot.entities(), families: [family])
        var encoder = SnapshotEncoder()
        let text = String(decoding: encoder.encode(snapshot, as: .prometheus), as: UTF8.self)
        #expect(text.contains(String(repeating: #"\n"#, count: 1_000_000) + #""} 0.000000001"#))
        #expect(text.hasSuffix("container=\"short\"} 0.000000002\n"))
    }

    @Test func `labels are rendered anew when the table changes`() {
        var snapshot = SampleSnapshot.everything()
        var encoder = SnapshotEncoder()
        let before = encoder.encode(snapshot, as: .prometheus)
        snapshot.entities.append(Entity(kind: .unknown, namespace: NamespaceID(rawValue: 9), podName: "new"))
        snapshot.entities.version += 1
        snapshot.families[0].append(1, for: 3)
        let after = String(decoding: encoder.encode(snapshot, as: .prometheus), as: UTF8.self)
        #expect(after.contains("k8s_pod=\"new\",app=\"\"} 1\n"))
        #expect(encoder.encode(SampleSnapshot.everything(), as: .prometheus) == before)
    }

    @Test func `rows that cannot be told apart or have no entity are left out`() {
        var entities = EntityTable(node: "n")
        let twin = Entity(kind: .pod, namespace: NamespaceID(rawValue: 1), podNamespace: "a", podName: "b")
        entities.append(twin)
        entities.append(twin)
        var family = Family(SampleSnapshot.metrics[0])
        for entity: EntityTable.Index in [-1, 7, 0, 1, 2] { family.append(UInt64(entity + 10), for: entity) }
        let snapshot = Snapshot(timestamp: 0, entities: entities, families: [family])
        var encoder = SnapshotEncoder()
        let values = String(decoding: encoder.encode(snapshot, as: .prometheus), as: UTF8.self).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map { $0.split(separator: " ").last }
        #expect(values == ["10", "11"])
    }

    @Test(.enabled(if: Allocations.areCounted, "needs glibc and no sanitizer"), arguments: ExpositionFormat.allCases)
    func `samples are encoded without allocation`(format: ExpositionFormat) {
        var encoder = SnapshotEncoder()
        let small = SampleSnapshot.large(entities: 50, metrics: 100)
        let large = SampleSnapshot.large(entities: 500, metrics: 100)
        var bytes = 0
        func allocations(_ snapshot: Snapshot) -> Int {
            encoder.encode(snapshot, as: format) { bytes += $0.count }
            return Allocations.count { encoder.encode(snapshot, as: format) { bytes += $0.count } }
        }
        let few = allocations(small)
        let many = allocations(large)
        #expect(large.seriesCount == 50_000)
        #expect(bytes > 3_000_000)
        // What is left is per family and per chunk, and ten times the samples make no difference to it.
        #expect(many - few < 100, "\(few) allocations for 5,000 samples, \(many) for 50,000")
        #expect(many < 2500)
    }

    @Test(.enabled(if: Allocations.areCounted, "needs glibc and no sanitizer"), arguments: ExpositionFormat.allCases)
    func `histograms are encoded without allocation`(format: ExpositionFormat) {
        var encoder = SnapshotEncoder()
        func allocations(rows: Int) -> Int {
            let metric = Metric(
                name: "skoop_connect_seconds", probe: "connect", kind: .histogram, unit: .seconds, decimals: 9,
                help: "",
                labels: .entity(extra: ["stage"]), source: "", buckets: .log2Microseconds)
            var snapshot = SampleSnapshot.large(entities: 1800, metrics: 0)
            var family = Family(metric)
            for row in 0..<rows {
                family.append(
                    sum: UInt64(row) * 7919, counts: (0..<27).map { $0 * UInt64(row) }, for: EntityTable.Index(row),
                    labels: ["established"])
            }
            snapshot.families = [family]
            #expect(snapshot.seriesCount == rows * 29)
            for _ in encoder.encode(snapshot, as: format) {}
            return Allocations.count { encoder.encode(snapshot, as: format) { _ in } }
        }
        let few = allocations(rows: 180)
        let many = allocations(rows: 1800)
        #expect(many - few < 200, "\(few) allocations for 5,220 samples, \(many) for 52,200")
    }
}
