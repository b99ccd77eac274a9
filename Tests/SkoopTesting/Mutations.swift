// SPDX-License-Identifier: Apache-2.0

/// Makes damaged copies of a file: cut off, with bytes replaced, inserted, removed, or lines moved.
///
/// - Parameter count: how many.
public func mutations(
    of bytes: [UInt8], count: Int, using random: inout SeededGenerator
) -> [[UInt8]] {
    (0..<count).map { _ in
        var copy = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) where !copy.isEmpty {
            let place = Int.random(in: 0..<copy.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: copy.removeSubrange(place...)
            case 1: copy[place] = UInt8.random(in: 0...255, using: &random)
            case 2: copy.insert(contentsOf: "99999999999999999999 ".utf8, at: place)
            case 3: copy.removeSubrange(place..<min(place + Int.random(in: 1...40, using: &random), copy.count))
            case 4: copy[place] = [UInt8]("\n :-\u{0}x".utf8).randomElement(using: &random) ?? 0
            default:
                let lines = copy.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                copy = Array(lines.shuffled(using: &random).joined(separator: [UInt8(ascii: "\n")]))
            }
        }
        return copy
    }
}
