// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopTesting
import Testing

@Suite struct NamespaceHistoryTests {
    private let id = NamespaceID(rawValue: 7)
    private static let second: UInt64 = 1_000_000_000

    /// Looks at these moments (begin, end, cookies by number).
    private func history(_ looks: (UInt64, UInt64, [UInt64: UInt64])...) -> NamespaceHistory {
        var history = NamespaceHistory()
        for (begin, end, cookies) in looks {
            let cookies = Dictionary(uniqueKeysWithValues: cookies.map { (NamespaceID(rawValue: $0), $1) })
            history.look(cookies, from: begin, to: end)
        }
        return history
    }

    @Test func aNumberIsItsOwnersFromLookToLook() {
        let history = history((100, 110, [7: 1, 8: 2]), (200, 210, [7: 1]))
        for moment in [50, 100, 110, 150, 200, 205, 900] as [UInt64] {
            #expect(history.cookie(of: id, at: moment) == 1, "\(moment)")
        }
        #expect(history.cookie(of: id) == 1 && history.cookie(of: NamespaceID(rawValue: 8)) == nil)
        #expect(history.cookie(of: id, at: 0) == 1)
    }

    @Test func nobodyKnowsWhoseItWasBetweenTwoOwners() {
        let history = history((100, 110, [7: 1]), (200, 210, [7: 2]), (300, 310, [7: 2]))
        #expect(history.cookie(of: id, at: 100) == 1)
        for moment in [101, 150, 200, 209] as [UInt64] { #expect(history.cookie(of: id, at: moment) == 0, "\(moment)") }
        for moment in [210, 250, 400] as [UInt64] { #expect(history.cookie(of: id, at: moment) == 2, "\(moment)") }
        #expect(history.cookie(of: id) == 2)
    }

    @Test func whoComesIsTheOwnerOfWhatHappenedSinceTheLookBefore() {
        let history = history((100, 110, [:]), (200, 210, [7: 2]))
        #expect(history.cookie(of: id, at: 150) == 2)
        // Somebody's that came and went.
        #expect(history.cookie(of: id, at: 90) == 0)
    }

    @Test func whoGoesIsTheOwnerUntilItMayBeAnothers() {
        let second = Self.second
        var history = history((100, 110, [7: 1]), (200, 210, [:]))
        #expect(history.cookie(of: id, at: 150) == 1 && history.cookie(of: id, at: 205) == 1)
        #expect(history.cookie(of: id, at: 209 + second) == 1 && history.cookie(of: id, at: 210 + second) == 0)
        #expect(history.cookie(of: id) == nil)
        // Another comes while the first may still be being taken down.
        history.look([id: 2], from: second, to: second + 10)
        #expect(history.cookie(of: id, at: 150) == 1)
        #expect(history.cookie(of: id, at: 500) == 0, "either's")
        #expect(history.cookie(of: id, at: second + 10) == 2)
        // Or later.
        var later = NamespaceHistory()
        later.look([id: 1], from: 100, to: 110)
        for look in 1...9 as ClosedRange<UInt64> { later.look([:], from: look * second, to: look * second + 10) }
        later.look([id: 2], from: 10 * second, to: 10 * second + 10)
        #expect(later.cookie(of: id, at: 9 * second + 5) == 2 && later.cookie(of: id, at: second + 10) == 1)
        #expect(later.cookie(of: id, at: 5 * second) == 0)
    }

    @Test func thePastIsForgotten() {
        let second = Self.second
        var history = NamespaceHistory()
        for number in 0..<1000 as Range<UInt64> {
            for half in 0...1 as ClosedRange<UInt64> {
                let begin = number * second + half * second / 2
                history.look([id: number + 1], from: begin, to: begin + 10)
            }
        }
        #expect(history.cookie(of: id, at: 900 * second + second / 4) == 0)
        #expect(history.cookie(of: id, at: 990 * second + second / 4) == 991)
        history.look([:], from: 1001 * second, to: 1001 * second + 10)
        history.look([:], from: 1100 * second, to: 1100 * second + 10)
        #expect(history.cookie(of: id, at: 999 * second + second / 4) == 0)
    }

    /// What is attributed with certainty is right, whatever comes, goes and is seen when.
    @Test func certaintyIsNeverWrong() {
        let seed = UInt64.random(in: 0...(.max))
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var owners: [(cookie: UInt64, from: UInt64, to: UInt64)] = []
            var moment: UInt64 = 1000
            for cookie in 1...20 as ClosedRange<UInt64> {
                let begin = moment + .random(in: 1...(2 * Self.second), using: &generator)
                let end = begin + .random(in: (Self.second / 2)...(3 * Self.second), using: &generator)
                owners.append((cookie, begin, end))
                moment = end
            }
            var history = NamespaceHistory()
            var answers: [(moment: UInt64, cookie: UInt64)] = []
            var time: UInt64 = 0
            var asked: [UInt64] = []
            while time < moment + Self.second {
                // Looks are a quarter of a second apart at most, and all owners live longer.
                let begin = time + .random(in: 1...(Self.second / 4), using: &generator)
                for _ in 0..<3 { asked.append(.random(in: time...begin, using: &generator)) }
                let end = begin + 100
                let seen = UInt64.random(in: begin...end, using: &generator)
                let owner = owners.first { $0.from <= seen && seen < $0.to }
                history.look(owner.map { [id: $0.cookie] } ?? [:], from: begin, to: end)
                for moment in asked { answers.append((moment, history.cookie(of: id, at: moment))) }
                asked = []
                time = end
            }
            var known = 0
            for (moment, cookie) in answers where cookie != 0 {
                let owner = owners.first { $0.from <= moment && moment < $0.to }
                // A number that nobody has does nothing.
                guard let owner else { continue }
                #expect(owner.cookie == cookie, "at \(moment)")
                known += 1
            }
            #expect(known > answers.count / 3)
        }
    }
}
