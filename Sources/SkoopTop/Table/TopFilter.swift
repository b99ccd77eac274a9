// SPDX-License-Identifier: Apache-2.0

/// Which rows are shown: those that have every word of a text, in whatever case, in their name, the name of their node or
/// the id of a finding; of a word after `!`, those that do not.
public struct TopFilter: Sendable, Hashable {
    private struct Word: Sendable, Hashable {
        var text: String
        var isUnwanted: Bool
    }

    /// The text.
    public let text: String
    private let words: [Word]

    /// Reads a filter; an empty one lets everything through.
    public init(_ text: String) {
        self.text = text
        words = text.lowercased().split(separator: " ").compactMap { word in
            let isUnwanted = word.hasPrefix("!")
            let text = isUnwanted ? word.dropFirst() : word
            return text.isEmpty ? nil : Word(text: String(text), isUnwanted: isUnwanted)
        }
    }

    /// Whether a row is shown.
    public func accepts(_ row: TopTable.Row) -> Bool {
        let texts = [row.entity.name, row.entity.node] + row.findings.map(\.rule)
        let known = texts.map { $0.lowercased() }
        return words.allSatisfy { word in known.contains { $0.contains(word.text) } != word.isUnwanted }
    }
}
