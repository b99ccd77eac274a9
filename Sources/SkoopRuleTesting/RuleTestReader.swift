// SPDX-License-Identifier: Apache-2.0
import SkoopEvidence
import SkoopSystem
import SkoopYAML

/// Turns a mapping into a test and notes what is wrong on the way.
struct RuleTestReader {
    /// The ids of the rules.
    var known: [String] = []
    private let diagnostics: Diagnostics
    private let folder: String

    init(_ diagnostics: Diagnostics, folder: String) {
        self.diagnostics = diagnostics
        self.folder = folder
    }

    /// A path that a file names, from where the command runs.
    func resolved(_ path: String) -> String { path.hasPrefix("/") ? path : folder + path }

    func texts(_ keys: inout MappingReader, _ key: String) -> [String] {
        keys.list(key).compactMap { path, node in
            if let text = node.string { return text }
            diagnostics.error("expected a string, found \(node.form)", key: path, line: node.line)
            return nil
        }
    }

    /// The test; nil where something without which there is none is missing or wrong.
    func test(_ node: YAMLNode, path: String) -> RuleTest? {
        var keys = MappingReader(node, path: path, diagnostics)
        guard node.mapping != nil else { return nil }
        defer { keys.finish() }
        let name = keys.string("name")
        if keys.node("name") == nil {
            diagnostics.error("missing, every test has one", key: keys.join("name"), line: node.line)
        }
        var test = RuleTest(name ?? "", sources: sources(&keys, node))
        keys.mapping("range") { range in
            test.from = bound(&range, "from")
            test.to = bound(&range, "to")
        }
        let asks = ["expect", "absent", "undecided", "nothingElse"]
        if asks.allSatisfy({ keys.node($0) == nil }) {
            diagnostics.error(
                "expects nothing, give one of \(asks.joined(separator: ", "))", key: path, line: node.line)
        }
        test.expected = expectations(&keys, "expect", isFull: true)
        test.absent = expectations(&keys, "absent")
        test.undecided = expectations(&keys, "undecided")
        test.isComplete = keys.bool("nothingElse") ?? false
        return name == nil ? nil : test
    }

    private func sources(_ keys: inout MappingReader, _ node: YAMLNode) -> [any EvidenceSource] {
        var sources: [any EvidenceSource] = []
        if let file = keys.string("recording") { sources.append(Recording(resolved(file))) }
        let interval = keys.duration("interval", in: .seconds(1)...(.seconds(3600))) ?? .seconds(15)
        let pages = texts(&keys, "pages").map(resolved)
        if !pages.isEmpty {
            sources.append(ScrapeFiles(pages, interval: UInt64(interval / .nanoseconds(1))))
        } else if let node = keys.node("interval") {
            diagnostics.error("is that of pages, and there are none", key: keys.join("interval"), line: node.line)
        }
        if let file = keys.string("events") { sources.append(EventFile(resolved(file))) }
        if sources.isEmpty {
            diagnostics.error(
                "has no evidence, give recording, pages or events, or several of them", key: keys.path, line: node.line)
        }
        return sources
    }

    private func bound(_ keys: inout MappingReader, _ key: String) -> RuleTest.Bound? {
        let what = "a duration from the beginning of the evidence, such as 90s, or a time, such as 2026-11-22T10:32:00Z"
        return keys.value(key, expected: what) { node in
            guard let text = node.string else { return nil }
            if let offset = Duration(shortText: text) { return .offset(UInt64(max(0, offset / .nanoseconds(1)))) }
            // What depends on when or where the test runs gives two times here.
            let times = [UInt64(1) << 60, UInt64(1) << 61].map { Moment.parse(text, now: $0) }
            let hasZone =
                text.allSatisfy(\.isNumber) || text.contains("T") && (text.hasSuffix("Z") || text.contains("+"))
            return hasZone && times[0] == times[1] ? times[0].map { .time($0) } : nil
        }
    }

    private func expectations(
        _ keys: inout MappingReader, _ key: String, isFull: Bool = false
    ) -> [RuleTest.Expectation] {
        keys.list(key).compactMap { path, node in
            var keys = MappingReader(node, path: path, diagnostics)
            guard node.mapping != nil else { return nil }
            defer { keys.finish() }
            if keys.node("case") == nil {
                diagnostics.error("missing, it names the rule", key: keys.join("case"), line: node.line)
            }
            let rule = rule(&keys, "case")
            var expectation = RuleTest.Expectation(rule ?? "", of: keys.string("entity"), line: node.line)
            if isFull {
                expectation.explainedBy = self.rule(&keys, "explainedBy")
                keys.mapping("confidence") { expectation.confidence = confidence(&$0) }
            }
            return rule == nil ? nil : expectation
        }
    }

    private func confidence(_ keys: inout MappingReader) -> ClosedRange<Double> {
        let least = keys.number("atLeast", above: 0, below: 1) ?? 0
        let most = keys.number("atMost", above: 0, below: 1) ?? 1
        guard least <= most else {
            diagnostics.error("atLeast is more than atMost", key: keys.path, line: keys.line)
            return 0...1
        }
        return least...most
    }

    /// The id of a rule that there is.
    private func rule(_ keys: inout MappingReader, _ key: String) -> String? {
        guard let id = keys.string(key) else { return nil }
        guard known.contains(id) else {
            diagnostics.error(
                NearestName.message(unknown: "rule", id, near: known), key: keys.join(key),
                line: keys.node(key)?.line ?? keys.line)
            return nil
        }
        return id
    }
}
