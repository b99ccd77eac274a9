// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
public import SkoopYAML

/// Rules in YAML, for people who do not compile.
///
/// ```yaml
/// rules:
///   - id: checkout-refused
///     guides: [http]
///     symptom: the shop answers 502
///     cause: the payment service refuses connections
///     when:
///       all:
///         - {event: TCPConnectFailed, where: {result: refused, dport: 8443}, atLeast: 3}
///         - not: {increase: kubeskoop_tcpext_listenoverflows, atLeast: 1, of: peer}
///     advice: [look at the payment service's pods]
/// ```
///
/// Names of metrics, labels, events and fields are checked against the catalogue; older spellings of metrics will do.
public enum RuleFile {
    /// Reads the text of a rule file.
    ///
    /// - Parameters:
    ///   - text: the document.
    ///   - file: its name, for messages.
    ///   - others: rules that the file's own may explain, or be explained by, and whose names they must not have.
    /// - Throws: everything that is wrong with it.
    public static func parse(
        _ text: String, file: String, beside others: [Rule] = Rule.builtIn
    ) throws(DocumentErrors) -> [Rule] {
        let diagnostics = Diagnostics(file: file)
        var rules: [Rule] = []
        do throws(YAMLError) {
            var keys = MappingReader(try YAMLDocument.parse(text), path: "", diagnostics)
            var lines: [String: Int] = [:]
            var explained: [(id: String, path: String, line: Int)] = []
            for (path, node) in keys.list("rules") {
                var reader = RuleReader(diagnostics)
                guard let rule = reader.rule(node, path: path) else { continue }
                if let first = lines.updateValue(node.line, forKey: rule.id) {
                    diagnostics.error(
                        "rule '\(rule.id)' is there twice, first in line \(first)", key: path, line: node.line)
                }
                if others.contains(where: { $0.id == rule.id }) {
                    diagnostics.error("rule '\(rule.id)' comes with the library", key: path, line: node.line)
                }
                explained += rule.explains.map { ($0, "\(path).explains", node.line) }
                rules.append(rule)
            }
            keys.finish()
            let known = (others + rules).map(\.id)
            for (id, path, line) in explained where !known.contains(id) {
                diagnostics.error(NearestName.message(unknown: "rule", id, near: known), key: path, line: line)
            }
        } catch {
            diagnostics.error(error.message, line: error.line)
        }
        try diagnostics.check()
        return rules
    }
}
