// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// Reads the keys of one mapping and complains about those nobody asked for.
///
/// Keys match without regard to case: KubeSkoop's documents write `debugmode`, its program reads `debugMode`.
package struct MappingReader {
    package let path: String
    /// Where the mapping stands.
    package let line: Int
    private let entries: [YAMLNode.Entry]
    private let diagnostics: Diagnostics
    private var asked: [String] = []
    private var taken: Set<Int> = []

    /// Complains and reads nothing when the node is no mapping.
    package init(_ node: YAMLNode, path: String, _ diagnostics: Diagnostics) {
        self.path = path
        line = node.line
        self.diagnostics = diagnostics
        entries = node.mapping ?? []
        if node.mapping == nil {
            diagnostics.error("expected a mapping of keys to values, found \(node.form)", key: path, line: node.line)
        }
    }

    /// The value of a key, `nil` when it is absent or null.
    package mutating func node(_ key: String) -> YAMLNode? {
        if !asked.contains(key) { asked.append(key) }
        var found: YAMLNode?
        for position in entries.indices where entries[position].key.lowercased() == key.lowercased() {
            if found != nil {
                diagnostics.error("occurs twice, once in other case", key: join(key), line: entries[position].line)
            }
            taken.insert(position)
            found = entries[position].value
        }
        guard let found, !found.isNull else { return nil }
        diagnostics.found(join(key), line: found.line)
        return found
    }

    /// The value of a key as `convert` reads it; complains with what was `expected`.
    package mutating func value<Value>(_ key: String, expected: String, _ convert: (YAMLNode) -> Value?) -> Value? {
        guard let node = node(key) else { return nil }
        if let value = convert(node) { return value }
        diagnostics.error("expected \(expected), found \(node.form)", key: join(key), line: node.line)
        return nil
    }

    package mutating func bool(_ key: String) -> Bool? { value(key, expected: "true or false") { $0.bool } }

    package mutating func string(_ key: String) -> String? { value(key, expected: "a string") { $0.string } }

    package mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        value(key, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { node in
            node.integer.flatMap { Int(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    package mutating func duration(_ key: String, in range: ClosedRange<Duration>) -> Duration? {
        let bounds = "\(range.lowerBound.shortText) to \(range.upperBound.shortText)"
        return value(key, expected: "a duration from \(bounds), such as 500ms, 3s or 1m") { node in
            node.string.flatMap { Duration(shortText: $0) }.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A number between two others.
    package mutating func number(_ key: String, above low: Double, below high: Double) -> Double? {
        value(key, expected: "a number between \(low) and \(high)") { node in
            node.number.flatMap { $0 > low && $0 < high ? $0 : nil }
        }
    }

    /// The elements of a list with their paths; a value that is no list is complained about.
    package mutating func list(_ key: String) -> [(path: String, node: YAMLNode)] {
        let elements = value(key, expected: "a list") { $0.sequence } ?? []
        return elements.enumerated().map { ("\(join(key))[\($0.offset)]", $0.element) }
    }

    /// Reads a mapping below a key.
    package mutating func mapping(_ key: String, _ body: (inout MappingReader) -> Void) {
        guard let node = node(key) else { return }
        var reader = MappingReader(node, path: join(key), diagnostics)
        body(&reader)
        reader.finish()
    }

    /// Complains about every key that was not asked for.
    package func finish() {
        for position in entries.indices where !taken.contains(position) {
            let entry = entries[position]
            diagnostics.error(
                NearestName.message(unknown: "key", entry.key, allowed: asked), key: join(entry.key), line: entry.line)
        }
    }

    package func join(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
