// SPDX-License-Identifier: Apache-2.0
import SkoopTesting
import Testing

@testable import SkoopModel

/// How many letters differ.
@Suite struct EditDistanceTests {
    @Test(arguments: [
        ("", "", 0), ("drops", "drops", 0), ("drops", "drop", 1), ("drop", "drops", 1), ("drops", "drups", 1),
        ("drops", "dorps", 1), ("kitten", "sitting", 3), ("ab", "ba", 1), ("abcdef", "badcfe", 3),
    ])
    func distance(one: String, other: String, expected: Int) {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        #expect(EditDistance.between(one, other, limit: 9) == expected)
        #expect(EditDistance.between(one, other, limit: expected) == expected)
        if expected > 0 { #expect(EditDistance.between(one, other, limit: expected - 1) == nil) }
    }

    @Test func randomWordsAreAsFarApartInBothDirections() {
        var generator = SeededGenerator()
        let seed = generator.seed
        for _ in 0..<500 {
            let words = (0..<2).map { _ in
                (0..<Int.random(in: 0...9, using: &generator)).map { _ in UInt8.random(in: 97...99, using: &generator) }
            }
            let distance = EditDistance.between(words[0], words[1], limit: 9)
            #expect(distance == EditDistance.between(words[1], words[0], limit: 9), "seed \(seed): \(words)")
            #expect(distance ?? 10 >= abs(words[0].count - words[1].count), "seed \(seed): \(words)")
            #expect((distance == 0) == (words[0] == words[1]), "seed \(seed): \(words)")
        }
    }
}
