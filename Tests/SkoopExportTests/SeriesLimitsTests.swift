// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopModel
import Testing

@Suite struct SeriesLimitsTests {
    private func families(_ counts: Int..., aliases: [Metric.Alias] = []) -> [Family] {
        counts.enumerated().map { number, count in
            var family = Family(
                Metric(
                    name: "f\(number)", probe: "p", kind: .gauge, help: "", source: "",
                    aliases: number == 0 ? aliases : []))
            for entity in 0..<count { family.append(UInt64(entity), for: EntityTable.Index(entity)) }
            return family
        }
    }

    @Test func `what fits stays`() {
        var some = families(3, 0, 4)
        #expect(SeriesLimits(perFamily: 4, total: 7).apply(to: &some) == [])
        #expect(some.map(\.count) == [3, 0, 4])
    }

    @Test func `a family is cut at its limit, its first rows stay`() {
        var some = families(3, 5)
        #expect(SeriesLimits(perFamily: 4, total: 100).apply(to: &some) == [.init(family: "f1", count: 1)])
        #expect(some[1].entities == [0, 1, 2, 3])
    }

    @Test func `the last families give way when the page is full`() {
        var some = families(3, 5, 2)
        let cuts = SeriesLimits(perFamily: 100, total: 4).apply(to: &some)
        #expect(cuts == [.init(family: "f1", count: 4), .init(family: "f2", count: 2)])
        #expect(some.map(\.count) == [3, 1, 0])
    }

    @Test func `nothing is left of a limit below one`() {
        var some = families(3)
        #expect(SeriesLimits(perFamily: -1, total: .max).apply(to: &some) == [.init(family: "f0", count: 3)])
        #expect(some[0].count == 0)
    }

    @Test func `a histogram's row counts as all its series`() {
        var family = Family(
            Metric(
                name: "h", probe: "", kind: .histogram, help: "", source: "", buckets: HistogramBuckets(bounds: [1, 2]))
        )
        for entity: EntityTable.Index in 0..<4 { family.append(sum: 1, counts: [1, 0, 0], for: entity) }
        var some = [family] + families(3)
        let cuts = SeriesLimits(perFamily: 16, total: 12).apply(to: &some)
        #expect(some.map(\.count) == [2, 2])
        #expect(cuts == [.init(family: "h", count: 10), .init(family: "f0", count: 1)])
    }

    @Test func `other names count`() {
        let aliases: [Metric.Alias] = [.init("a", .ack), .init("b", .v0), .init("f1", .ack)]
        var some = families(5, 5, aliases: aliases)
        let cuts = SeriesLimits(perFamily: 100, total: 10).apply(to: &some, compatNames: [.ack, .v0])
        #expect(some.map(\.count) == [3, 1])
        #expect(cuts == [.init(family: "f0", count: 2), .init(family: "f1", count: 4)])
        var encoder = SnapshotEncoder()
        let entities = SampleSnapshot.large(entities: 5, metrics: 0).entities
        let page = encoder.encode(
            Snapshot(timestamp: 0, entities: entities, families: some), as: .prometheus, compatNames: [.ack, .v0])
        let lines = page.split(separator: UInt8(ascii: "\n")).filter { $0.first != UInt8(ascii: "#") }
        #expect(lines.count == 10)
    }
}
