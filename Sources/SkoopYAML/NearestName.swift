// SPDX-License-Identifier: Apache-2.0

/// Finds the name that somebody probably meant.
package enum NearestName {
    /// The candidate with the fewest edits from `word`, if those are at most a third of its length (one at least).
    package static func of(_ word: String, among candidates: some Sequence<String>) -> String? {
        let word = Array(word.lowercased().utf8)
        // Long words are no misspelt names, and the distance costs the product of both lengths.
        guard word.count <= 64 else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(word, Array(candidate.lowercased().utf8))
            if distance <= max(1, word.count / 3), distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// `unknown probe 'tcpexr', did you mean 'tcpext'? allowed are …`.
    package static func message(unknown noun: String, _ word: String, allowed: [String]) -> String {
        guard !allowed.isEmpty else { return "unknown \(noun) '\(word)'; none is allowed here" }
        let hint = of(word, among: allowed).map { ", did you mean '\($0)'?" } ?? ";"
        return "unknown \(noun) '\(word)'\(hint) allowed are \(allowed.joined(separator: ", "))"
    }

    /// The same of so many names that listing them would not help: `unknown event 'DNSNoAnswr', did you mean 'DNSNoAnswer'?`.
    package static func message(unknown noun: String, _ word: String, near names: [String]) -> String {
        "unknown \(noun) '\(word)'" + (of(word, among: names).map { ", did you mean '\($0)'?" } ?? "")
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: other.count + 1)
        var last = Array(0...other.count)
        for row in one.indices {
            var current = [row + 1]
            for column in other.indices {
                let same = one[row] == other[column]
                var cost = min(last[column] + (same ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[other.count]
    }
}
