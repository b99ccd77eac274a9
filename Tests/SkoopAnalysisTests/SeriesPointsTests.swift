// SPDX-License-Identifier: Apache-2.0
import SkoopTesting
import Testing

@testable import SkoopAnalysis

@Suite struct SeriesPointsTests {
    private func values(_ points: SeriesPoints) -> [Int: UInt64] {
        var changes: [(Int, UInt64)] = []
        points.forEachChange { changes.append(($0, $1)) }
        var values: [Int: UInt64] = [:]
        for step in points.first..<points.end { values[step] = changes.last { $0.0 <= step }?.1 }
        return values
    }

    @Test func keepsWhatItIsGiven() {
        var points = SeriesPoints(first: 3, value: 10)
        #expect(points.isConstant)
        for (step, value) in [(4, 10), (5, 12), (9, 3), (10, UInt64.max), (11, 0), (12, 0)] as [(Int, UInt64)] {
            points.append(value, at: step)
        }
        #expect(!points.isConstant)
        #expect(
            values(points) == [
                3: 10, 4: 10, 5: 12, 6: 12, 7: 12, 8: 12, 9: 3, 10: .max, 11: 0, 12: 0,
            ])
    }

    @Test func dropsWhatIsOldAndKeepsTheRest() {
        var generator = SeededGenerator()
        for _ in 0..<200 {
            var points = SeriesPoints(first: 0, value: UInt64.random(in: 0...3, using: &generator))
            for step in 1..<60 {
                let grows = UInt64.random(in: 0...5, using: &generator) == 0
                points.append(
                    points.lastValue &+ (grows ? UInt64.random(in: 0...1 << 40, using: &generator) : 0), at: step)
            }
            let limit = Int.random(in: 0..<60, using: &generator)
            let kept = points.dropping(before: limit)
            #expect(kept.map(values) ?? [:] == values(points).filter { $0.key >= limit })
        }
        #expect(SeriesPoints(first: 0, value: 1).dropping(before: 1).map(values) == nil)
    }
}
