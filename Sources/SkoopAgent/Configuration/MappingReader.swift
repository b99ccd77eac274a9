// SPDX-License-Identifier: Apache-2.0

/// Collects what is wrong while a document is read, so that one start tells everything.
final class Diagnostics {
    let file: String
    /// Added to line numbers, for a document inside another one.
    var lineOffset = 0
    private(set) var errors: [ConfigurationError] = []
    /// Where the values of keys were found.
    private(set) var lines: [String: Int] = [:]

    init(file: String) { self.file = file }

    func error(_ message: String, key: String = "", line: Int) {
        errors.append(ConfigurationError(file: file, line: line + lineOffset, key: key, message))
    }

    func found(_ key: String, line: Int) { lines[key] = line + lineOffset }

    func check() throws(ConfigurationErrors) {
        guard errors.isEmpty else { throw ConfigurationErrors(errors.sorted { $0.line < $1.line }) }
    }
}

/// Reads the keys of one mapping and complains about those nobody asked for.
///
/// Keys match without regard to case: KubeSkoop's documents write `debugmode`, its program reads `debugMode`.
struct MappingReader {
    let path: String
    private let entries: [YAMLNode.Entry]
    private let diagnostics: Diagnostics
    private var asked: [String] = []
    private var taken: Set<Int> = []

    /// Complains and reads nothing when the node is no mapping.
    init(_ node: YAMLNode, path: String, _ diagnostics: Diagnostics) {
        self.path = path
        self.diagnostics = diagnostics
        entries = node.mapping ?? []
        if node.mapping == nil {
            diagnostics.error("expected a mapping of keys to values, found \(node.form)", key: path, line: node.line)
        }
    }

    /// The value of a key, `nil` when it is absent or null.
    mutating func node(_ key: String) -> YAMLNode? {
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
    mutating func value<Value>(_ key: String, expected: String, _ convert: (YAMLNode) -> Value?) -> Value? {
        guard let node = node(key) else { return nil }
        if let value = convert(node) { return value }
        diagnostics.error("expected \(expected), found \(node.form)", key: join(key), line: node.line)
        return nil
    }

    mutating func bool(_ key: String) -> Bool? { value(key, expected: "true or false") { $0.bool } }

    mutating func string(_ key: String) -> String? { value(key, expected: "a string") { $0.string } }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        value(key, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { node in
            node.integer.flatMap { Int(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func duration(_ key: String, in range: ClosedRange<Duration>) -> Duration? {
        let bounds = "\(range.lowerBound.shortText) to \(range.upperBound.shortText)"
        return value(key, expected: "a duration from \(bounds), such as 500ms, 3s or 1m") { node in
            node.string.flatMap { Duration(shortText: $0) }.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// The elements of a list with their paths; a value that is no list is complained about.
    mutating func list(_ key: String) -> [(path: String, node: YAMLNode)] {
        let elements = value(key, expected: "a list") { $0.sequence } ?? []
        return elements.enumerated().map { ("\(join(key))[\($0.offset)]", $0.element) }
    }

    /// Reads a mapping below a key.
    mutating func mapping(_ key: String, _ body: (inout MappingReader) -> Void) {
        guard let node = node(key) else { return }
        var reader = MappingReader(node, path: join(key), diagnostics)
        body(&reader)
        reader.finish()
    }

    /// Complains about every key that was not asked for.
    func finish() {
        for position in entries.indices where !taken.contains(position) {
            let entry = entries[position]
            diagnostics.error(
                NearestName.message(unknown: "key", entry.key, allowed: asked), key: join(entry.key), line: entry.line)
        }
    }

    func join(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
