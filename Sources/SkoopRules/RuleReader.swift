// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopModel
import SkoopYAML

/// Turns a mapping into a rule and notes what is wrong on the way.
struct RuleReader {
    private let diagnostics: Diagnostics

    init(_ diagnostics: Diagnostics) { self.diagnostics = diagnostics }

    /// The rule; nil where something without which there is none is missing or wrong.
    mutating func rule(_ node: YAMLNode, path: String) -> Rule? {
        var keys = MappingReader(node, path: path, diagnostics)
        guard node.mapping != nil else { return nil }
        let id = keys.value("id", expected: "a name of lower-case letters, digits and dashes") { node in
            node.string.flatMap { $0.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) == nil ? nil : $0 }
        }
        let guides = choices(&keys, "guides", Guide.self)
        let scope = choice(&keys, "scope", Rule.Scope.self) ?? .entities
        let cause = keys.string("cause")
        let symptom = keys.string("symptom") ?? ""
        let window = keys.duration("window", in: .seconds(1)...(.seconds(86_400))) ?? .seconds(60)
        let confidence = keys.number("confidence", above: 0, below: 1) ?? 0.8
        var reader = ConditionReader(diagnostics)
        let condition = keys.node("when").flatMap { reader.condition($0, path: keys.join("when")) }
        let supports = clues(&keys, "supports", &reader)
        let contradicts = clues(&keys, "contradicts", &reader)
        let (explains, advice, checks, references) = (
            texts(&keys, "explains"), texts(&keys, "advice"), texts(&keys, "checks"), texts(&keys, "references")
        )
        for key in ["id", "cause", "when", "advice"] where keys.node(key) == nil {
            diagnostics.error("missing, every rule has one", key: keys.join(key), line: node.line)
        }
        keys.finish()
        guard let id, let cause, let condition else { return nil }
        return Rule(
            id, guides: guides, scope: scope, symptom: symptom, cause: cause, window: window / .seconds(1),
            when: condition, confidence: confidence, supports: supports, contradicts: contradicts,
            explains: explains, advice: advice, checks: checks, references: references)
    }

    private func clues(_ keys: inout MappingReader, _ key: String, _ reader: inout ConditionReader) -> [Clue] {
        keys.list(key).compactMap { path, node in
            var clue = MappingReader(node, path: path, diagnostics)
            guard node.mapping != nil else { return nil }
            let condition = clue.node("when").flatMap { reader.condition($0, path: clue.join("when")) }
            if clue.node("when") == nil {
                diagnostics.error("missing, every clue has one", key: clue.join("when"), line: node.line)
            }
            let weight = clue.number("weight", above: 0, below: 10) ?? 1
            let meaning = clue.string("meaning") ?? ""
            clue.finish()
            return condition.map { Clue($0, weight: weight, meaning) }
        }
    }

    private func texts(_ keys: inout MappingReader, _ key: String) -> [String] {
        keys.list(key).compactMap { path, node in
            if let text = node.string { return text }
            diagnostics.error("expected a string, found \(node.form)", key: path, line: node.line)
            return nil
        }
    }

    private func choices<Choice: RawRepresentable & CaseIterable>(
        _ keys: inout MappingReader, _ key: String, _ type: Choice.Type
    ) -> [Choice] where Choice.RawValue == String {
        keys.list(key).compactMap { path, node in
            diagnostics.choice(node, path: path, noun: "value", type)
        }
    }

    private func choice<Choice: RawRepresentable & CaseIterable>(
        _ keys: inout MappingReader, _ key: String, _ type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        keys.node(key).flatMap { diagnostics.choice($0, path: keys.join(key), noun: "value", type) }
    }
}

extension Diagnostics {
    /// The choice that a scalar names; complains where it names none.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ node: YAMLNode, path: String, noun: String, _ type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        if let choice = node.string.flatMap({ Choice(rawValue: $0) }) { return choice }
        let message =
            node.string.map {
                NearestName.message(unknown: noun, $0, allowed: Choice.allCases.map(\.rawValue))
            } ?? "expected a string, found \(node.form)"
        error(message, key: path, line: node.line)
        return nil
    }
}
