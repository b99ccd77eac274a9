// SPDX-License-Identifier: Apache-2.0
import SkoopProbes
import SkoopTesting
import Testing

@Suite struct RetainingSumTests {
    private typealias Sum = RetainingSum<String, Int>

    /// Runs one round: values by part, parts by owner.
    private func round(_ sum: inout Sum, _ readings: [String: [Int: [UInt64]]]) {
        sum.begin()
        for (owner, parts) in readings {
            sum.keep(owner: owner)
            for (part, values) in parts { sum.add(values.span, of: part, to: owner) }
        }
        sum.end()
    }

    @Test func whatGoesStaysInTheSum() {
        var sum = Sum(width: 2)
        round(&sum, ["a": [1: [10, 1], 2: [5, 0]], "b": [3: [7, 7]]])
        #expect(sum.total(of: "a", column: 0) == 15)
        #expect(sum.total(of: "a", column: 1) == 1)
        round(&sum, ["a": [2: [6, 0]], "b": [:]])
        #expect(sum.total(of: "a", column: 0) == 16)
        #expect(sum.total(of: "b", column: 1) == 7)
        round(&sum, ["a": [4: [100, 100]]])
        #expect(sum.total(of: "a", column: 0) == 116)
        #expect(sum.total(of: "b", column: 0) == nil)
        #expect(sum.size == (1, 1))
        // An owner that returns under the same key begins anew.
        round(&sum, ["b": [3: [2, 2]]])
        #expect(sum.total(of: "b", column: 0) == 2)
        #expect(sum.total(of: "a", column: 0) == nil)
    }

    @Test func aFallIsANewPartOrAMisreading() {
        var devices = Sum(width: 2)
        round(&devices, ["a": [1: [100, 50]]])
        round(&devices, ["a": [1: [3, 60]]])
        #expect(devices.total(of: "a", column: 0) == 103)
        #expect(devices.total(of: "a", column: 1) == 60)

        var tasks = Sum(width: 1, fall: .misreading)
        round(&tasks, ["a": [1: [100]]])
        round(&tasks, ["a": [1: [90]]])
        #expect(tasks.total(of: "a", column: 0) == 100)
        round(&tasks, ["a": [1: [101]]])
        #expect(tasks.total(of: "a", column: 0) == 101)
    }

    @Test func aNarrowCounterPassesItsWidth() {
        var sum = Sum(width: 2, narrow: 1..<2)
        round(&sum, ["a": [1: [100, 0xffff_fff0]]])
        round(&sum, ["a": [1: [110, 5]]])
        #expect(sum.total(of: "a", column: 1) == 0x1_0000_0005)
        // When the wide counter falls too, it is another part.
        round(&sum, ["a": [1: [3, 2]]])
        #expect(sum.total(of: "a", column: 0) == 113)
        #expect(sum.total(of: "a", column: 1) == 0x1_0000_0007)
        var alone = Sum(width: 1, narrow: 0..<1)
        round(&alone, ["a": [1: [7]]])
        round(&alone, ["a": [1: [6]]])
        #expect(alone.total(of: "a", column: 0) == 0x1_0000_0006)
    }

    @Test func aPartThatMovesLeavesBehindWhatItCounted() {
        var sum = Sum(width: 1)
        round(&sum, ["node": [1: [40]], "pod": [:]])
        round(&sum, ["node": [:], "pod": [1: [45]]])
        #expect(sum.total(of: "node", column: 0) == 40)
        #expect(sum.total(of: "pod", column: 0) == 5)
        round(&sum, ["node": [1: [50]], "pod": [:]])
        #expect(sum.total(of: "node", column: 0) == 45)
        #expect(sum.total(of: "pod", column: 0) == 5)
    }

    @Test func whatCouldNotBeReadIsNotGone() {
        var sum = Sum(width: 1)
        round(&sum, ["a": [1: [10], 2: [20]]])
        sum.begin()
        sum.keep(part: 1)
        sum.add([21 as UInt64].span, of: 2, to: "a")
        sum.end()
        #expect(sum.total(of: "a", column: 0) == 31)
        sum.begin()
        sum.keep(partsOf: "a")
        sum.end()
        #expect(sum.total(of: "a", column: 0) == 31)
        round(&sum, ["a": [1: [11], 2: [21]]])
        #expect(sum.total(of: "a", column: 0) == 32)
    }

    /// Compares with a model that keeps every increment of every part ever seen.
    @Test func anyHistoryAddsUp() {
        var random = SeededGenerator()
        for _ in 0..<60 {
            var sum = Sum(width: 2)
            var truth: [String: [UInt64]] = [:]
            var parts: [Int: (owner: String, values: [UInt64])] = [:]
            var nextPart = 0
            for _ in 0..<40 {
                for owner in ["a", "b", "c"] where Int.random(in: 0..<12, using: &random) == 0 {
                    truth[owner] = truth[owner] == nil ? [0, 0] : nil
                    if truth[owner] == nil { parts = parts.filter { $0.value.owner != owner } }
                }
                let living = truth.keys.sorted()
                let known = Set(parts.keys)
                if let owner = living.randomElement(using: &random) {
                    parts[nextPart] = (owner, [0, 0])
                    nextPart += 1
                }
                var unread: Set<Int> = []
                for part in parts.keys.sorted() {
                    guard var (owner, values) = parts[part] else { continue }
                    switch Int.random(in: 0..<10, using: &random) {
                    case 0:
                        parts[part] = nil
                        continue
                    case 1:
                        // The identity is reused: both counters begin again.
                        values = [0, 0]
                    case 2:
                        owner = living.randomElement(using: &random) ?? owner
                    case 3 where known.contains(part):
                        unread.insert(part)
                        continue
                    default: break
                    }
                    for column in 0..<2 {
                        let growth = UInt64.random(in: 0..<1000, using: &random)
                        // A counter that has grown past its former value does not show that it was reset; let it not.
                        let before = parts[part]?.values[column] ?? 0
                        let after = values[column] < before ? min(growth, before - 1) : values[column] + growth
                        truth[owner]?[column] += after < before ? after : after - before
                        values[column] = after
                    }
                    parts[part] = (owner, values)
                }
                sum.begin()
                for (part, (owner, values)) in parts {
                    if unread.contains(part) { sum.keep(part: part) } else { sum.add(values.span, of: part, to: owner) }
                }
                for owner in living { sum.keep(owner: owner) }
                sum.end()
                for owner in ["a", "b", "c"] {
                    for column in 0..<2 {
                        #expect(sum.total(of: owner, column: column) == truth[owner]?[column], "seed \(random.seed)")
                    }
                }
                #expect(sum.size == (parts.count, living.count), "seed \(random.seed)")
            }
        }
    }
}
