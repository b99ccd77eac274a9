// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopAnalysis

@Suite("where series are")
struct SeriesStoreTests {
    private struct Key: Hashable {
        var entity: Int
        var labels: [String]
        var bucket: Int32
    }

    @Test("rows in any order, of any entities, that come, go and come back")
    func rowsInAnyOrder() {
        var random = SeededGenerator()
        let keys = (0..<200).map { number in
            Key(entity: number % 4, labels: ["a\(number % 7)", "b\(number % 5)"], bucket: Int32(number % 3) - 1)
        }
        var store = SeriesStore()
        var last: [Key: UInt64] = [:]
        for step in 0..<60 {
            var cursor = SeriesStore.Cursor()
            var rows = Array(Set(keys)).filter { _ in Int.random(in: 0..<10, using: &random) > 0 }
            if step % 3 == 0 { rows.sort { ($0.entity, $0.labels[0]) < ($1.entity, $1.labels[0]) } }
            for row in rows {
                let value = UInt64.random(in: 0...100, using: &random)
                store.append(value, 2, row.entity, row.labels[...], bucket: row.bucket, at: step, &cursor)
                last[row] = value
            }
            // As when entities are forgotten.
            if step == 40 { store.rebuild { ($0.points, $0.entity) } }
        }
        var found: [Key: UInt64] = [:]
        for entity in 0..<4 {
            store.forEach(of: 2, entity) { one in
                #expect(one.entity == entity && one.metric == 2)
                let key = Key(entity: entity, labels: one.labels, bucket: one.bucket)
                #expect(found.updateValue(one.points.lastValue, forKey: key) == nil)
            }
        }
        #expect(found == last && store.series.count == last.count)
        store.forEach(of: 1, 0) { _ in Issue.record("of a metric that is not there") }
    }

    @Test("medians without sorting are those of sorted numbers")
    func medians() {
        var random = SeededGenerator()
        for _ in 0..<500 {
            var numbers = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                Double(Int.random(in: 0...12, using: &random))
            }
            let sorted = numbers.sorted()
            #expect(numbers.median() == sorted[sorted.count / 2])
            #expect(numbers.sorted() == sorted)
        }
    }
}
