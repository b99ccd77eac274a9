// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopModel
import SkoopYAML

/// Turns a tree of `all`, `any`, `count`, `not` and tests into a condition.
struct ConditionReader {
    let diagnostics: Diagnostics

    init(_ diagnostics: Diagnostics) { self.diagnostics = diagnostics }

    private static let groups = ["all", "any", "not", "count"]

    /// The condition; nil where something is wrong with it.
    func condition(_ node: YAMLNode, path: String) -> Condition? {
        guard let entries = node.mapping, !entries.isEmpty else {
            diagnostics.error(
                "expected a mapping with one of \(Self.allowed), found \(node.form)", key: path, line: node.line)
            return nil
        }
        let group = Self.groups.first { name in entries.contains { $0.key == name } }
        guard let group else { return test(node, path: path) }
        var keys = MappingReader(node, path: path, diagnostics)
        defer { keys.finish() }
        switch group {
        case "not": return keys.node("not").flatMap { condition($0, path: keys.join("not")) }.map { .not($0) }
        case "count":
            let parts = conditions(&keys, "among")
            guard let count = keys.integer("count", in: 1...max(1, parts.count)), !parts.isEmpty else { return nil }
            return .atLeast(count, parts)
        default:
            let parts = conditions(&keys, group)
            guard !parts.isEmpty else { return nil }
            return group == "all" ? .all(parts) : .any(parts)
        }
    }

    private static var allowed: String {
        (groups + QuantityReader.names).joined(separator: ", ")
    }

    private func conditions(_ keys: inout MappingReader, _ key: String) -> [Condition] {
        let list = keys.list(key)
        if list.isEmpty {
            let line = keys.node(key)?.line ?? keys.line
            diagnostics.error("expected a list of conditions, found nothing", key: keys.join(key), line: line)
        }
        return list.compactMap { condition($0.node, path: $0.path) }
    }

    private func test(_ node: YAMLNode, path: String) -> Condition? {
        var keys = MappingReader(node, path: path, diagnostics)
        defer { keys.finish() }
        var reader = QuantityReader(diagnostics)
        let quantity = reader.quantity(&keys, node)
        let subject = keys.node("of").flatMap {
            diagnostics.choice($0, path: keys.join("of"), noun: "subject", Subject.self)
        }
        let given = Self.comparisons.filter { keys.node($0.name) != nil }
        let bound = given.first.flatMap { keys.amount($0.name, in: quantity?.unit ?? .seconds) }
        guard let quantity else { return nil }
        guard given.count == 1, let comparison = given.first?.comparison else {
            let names = Self.comparisons.map(\.name).joined(separator: ", ")
            diagnostics.error("expected one of \(names)", key: path, line: node.line)
            return nil
        }
        guard let bound else { return nil }
        return .test(Test(quantity, comparison, bound, of: subject ?? .entity))
    }

    private static let comparisons: [(name: String, comparison: Test.Comparison)] = [
        ("atLeast", .atLeast), ("atMost", .atMost), ("moreThan", .above), ("lessThan", .below),
    ]
}
