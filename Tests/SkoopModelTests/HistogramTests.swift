// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopTesting
import Testing

@Suite struct HistogramTests {
    private static let metric = Metric(
        name: "skoop_test_seconds", probe: "test", kind: .histogram, unit: .seconds, decimals: 9, help: "",
        labels: .entity(extra: ["stage"]), source: "", buckets: .log2Microseconds)

    @Test func `slots have the bounds that the documents speak of`() {
        // Slot 15 begins at 32 ms and slot 18 at 262 ms, so these are the bounds of the slots before.
        #expect(HistogramBuckets.log2Microseconds.bounds[14] == 32_768_000)
        #expect(HistogramBuckets.log2Microseconds.bounds[17] == 262_144_000)
        #expect(HistogramBuckets.log2Microseconds.width == 27)
    }

    @Test(arguments: 1...28)
    func `merged buckets hold every observation below their bound`(step: Int) {
        var random = SeededGenerator()
        var family = Family(Self.metric)
        let observations = (0..<1000).map { _ in
            UInt64.random(in: 0...1 << UInt64.random(in: 1...40, using: &random), using: &random)
        }
        let bounds = HistogramBuckets.log2Microseconds.bounds
        var counts = [UInt64](repeating: 0, count: 27)
        for observation in observations { counts[bounds.firstIndex { observation < $0 } ?? 26] += 1 }
        family.append(sum: observations.reduce(0, +), counts: counts, for: 3, labels: ["a"])
        let merged = family.merging(buckets: step)
        var total: UInt64 = 0
        for (bound, count) in zip(merged.metric.buckets?.bounds ?? [], merged.bucketCounts(of: 0)) {
            total += count
            #expect(total == observations.count { $0 < bound }, "seed \(random.seed), bound \(bound)")
        }
        #expect(merged.metric.buckets?.bounds.count == 26 / step)
        #expect(merged.bucketCounts(of: 0).reduce(0, +) == 1000)
        #expect(merged.values == family.values && merged.entities == [3] && merged.labelValues == ["a"])
    }

    @Test func `a histogram counts as the series it becomes`() {
        var family = Family(Self.metric)
        for entity: EntityTable.Index in 0..<3 {
            family.append(sum: 1, counts: [UInt64](repeating: 1, count: 27), for: entity, labels: ["a"])
        }
        #expect(Snapshot(timestamp: 0, entities: EntityTable(node: ""), families: [family]).seriesCount == 87)
        #expect(family.truncate(to: 1) == 2)
        #expect(family.bucketCounts.count == 27)
    }
}
