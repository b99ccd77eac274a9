// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopYAML

/// Reads the documents of rules that are used together.
struct RuleSetReader {
    /// What is wrong with files as a whole.
    var errors: [DocumentError] = []
    private let others: [Rule]
    private var rules: [Rule] = []
    private var documents: [Diagnostics] = []
    /// Where each rule is.
    private var places: [String: (file: String, line: Int)] = [:]
    private var explained: [(id: String, key: String, line: Int, document: Diagnostics)] = []

    init(beside others: [Rule]) { self.others = others }

    mutating func add(_ text: String, file: String) {
        let diagnostics = Diagnostics(file: file)
        documents.append(diagnostics)
        do throws(YAMLError) {
            var keys = MappingReader(try YAMLDocument.parse(text), path: "", diagnostics)
            for (path, node) in keys.list("rules") { add(node, path: path, diagnostics) }
            keys.finish()
        } catch {
            diagnostics.error(error.message, line: error.line)
        }
    }

    private mutating func add(_ node: YAMLNode, path: String, _ diagnostics: Diagnostics) {
        var reader = RuleReader(diagnostics)
        guard let rule = reader.rule(node, path: path) else { return }
        let first = places.updateValue((diagnostics.file, node.line), forKey: rule.id)
        if let first {
            let place = first.file == diagnostics.file ? "in line \(first.line)" : "in \(first.file):\(first.line)"
            diagnostics.error("rule '\(rule.id)' is there twice, first \(place)", key: path, line: node.line)
        } else if others.contains(where: { $0.id == rule.id }) {
            diagnostics.error(
                "rule '\(rule.id)' comes with the library; give this one another id", key: path, line: node.line)
        }
        let key = "\(path).explains"
        explained += rule.explains.map { ($0, key, diagnostics.lines[key] ?? node.line, diagnostics) }
        rules.append(rule)
    }

    /// The rules of all documents, or everything that is wrong with them.
    func finish() throws(DocumentErrors) -> [Rule] {
        let known = (others + rules).map(\.id)
        for (id, key, line, document) in explained where !known.contains(id) {
            document.error(NearestName.message(unknown: "rule", id, near: known), key: key, line: line)
        }
        let all = errors + documents.flatMap { $0.errors.sorted { $0.line < $1.line } }
        guard all.isEmpty else { throw DocumentErrors(all) }
        return rules
    }
}
