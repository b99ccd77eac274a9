// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Puts findings that are consequences of others below them, and the rest in the order of certainty.
struct Ranking {
    private let evidence: Evidence
    private let relations: Relations
    /// How far apart cause and consequence may be, in nanoseconds: an interval between scrapes, and some.
    private static let slack: UInt64 = 30_000_000_000
    /// A cause less likely than this explains nothing, and is not reported.
    private static let least = 0.3

    init(_ evidence: Evidence, _ relations: Relations) {
        self.evidence = evidence
        self.relations = relations
    }

    func ranked(_ all: [Finding]) -> [Finding] {
        let findings = all.filter { $0.confidence >= Self.least }.sorted {
            ($0.confidence, $1.rule.id, $1.from) > ($1.confidence, $0.rule.id, $0.from)
        }
        let explained = Self.closure(findings.map(\.rule))
        // A consequence goes to the most certain of those that explain it and are nobody's consequence themselves.
        var causes: [Int: Int] = [:]
        for (position, finding) in findings.enumerated() {
            let explaining = findings.indices.first { other in
                let cause = findings[other]
                guard other != position, explained[cause.rule.id]?.contains(finding.rule.id) ?? false else {
                    return false
                }
                // Of two that explain each other, the more certain one is the cause.
                if explained[finding.rule.id]?.contains(cause.rule.id) ?? false, other > position { return false }
                return overlap(cause, finding) && related(cause, finding)
            }
            if let explaining { causes[position] = explaining }
        }
        var roots: [Int: [Finding]] = [:]
        for position in findings.indices where causes[position] != nil {
            var root = position
            var seen: Set<Int> = []
            while let next = causes[root], seen.insert(root).inserted { root = next }
            roots[root, default: []].append(findings[position])
        }
        return findings.indices.filter { causes[$0] == nil }.map { position in
            var finding = findings[position]
            finding.consequences = roots[position] ?? []
            return finding
        }
    }

    private func overlap(_ one: Finding, _ other: Finding) -> Bool {
        one.from <= other.to + Self.slack && other.from <= one.to + Self.slack
    }

    /// Whether a cause can reach: the entity itself, those it talks to, and all of its node if it is the node's.
    private func related(_ cause: Finding, _ other: Finding) -> Bool {
        if cause.subject == other.subject { return true }
        if cause.rule.scope == .node, cause.subject.node == other.subject.node { return true }
        guard let first = evidence.entities.firstIndex(of: cause.subject),
            let second = evidence.entities.firstIndex(of: other.subject)
        else { return false }
        return relations.peers[first]?.contains(second) ?? false
    }

    /// What each rule explains, also by way of others.
    private static func closure(_ rules: [Rule]) -> [String: Set<String>] {
        let direct = Dictionary(rules.map { ($0.id, $0.explains) }, uniquingKeysWith: { one, _ in one })
        var result: [String: Set<String>] = [:]
        for id in direct.keys {
            var found: Set<String> = []
            var open = direct[id] ?? []
            while let next = open.popLast() {
                guard next != id, found.insert(next).inserted else { continue }
                open += direct[next] ?? []
            }
            result[id] = found
        }
        return result
    }
}
