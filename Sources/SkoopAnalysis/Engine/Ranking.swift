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
        let findings = Self.sorted(all.filter { $0.confidence >= Self.least })
        let index = Index(findings, evidence)
        // A consequence goes to the most certain of those that explain it and are nobody's consequence themselves.
        let causes = findings.indices.map { cause(of: $0, index) }
        var consequences: [Int: [Finding]] = [:]
        for position in findings.indices where causes[position] != nil {
            var root = position
            var seen: Set<Int> = []
            while let next = causes[root], seen.insert(root).inserted { root = next }
            consequences[root, default: []].append(findings[position])
        }
        return findings.indices.filter { causes[$0] == nil }.map { position in
            var finding = findings[position]
            finding.consequences = consequences[position] ?? []
            return finding
        }
    }

    /// The most certain first. Findings are large: numbers are sorted.
    private static func sorted(_ findings: [Finding]) -> [Finding] {
        let keys = findings.map { ($0.confidence, $0.rule.id, $0.from) }
        return keys.indices.sorted {
            (keys[$0].0, keys[$1].1, keys[$1].2) > (keys[$1].0, keys[$0].1, keys[$0].2)
        }.map { findings[$0] }
    }

    /// The most certain finding that explains another one and can reach it: of the same entity, of one it talks to, or of
    /// its node if the cause is the node's.
    private func cause(of position: Int, _ index: Index) -> Int? {
        let finding = index.items[position]
        var nearest: Int?
        func look(at candidates: [Int]?) {
            for other in candidates ?? [] {
                if let nearest, nearest <= other { return }
                let cause = index.items[other]
                guard other != position, index.explained[cause.rule].contains(finding.rule) else { continue }
                // Of two that explain each other, the more certain one is the cause.
                if index.explained[finding.rule].contains(cause.rule), other > position { continue }
                guard cause.from <= finding.to + Self.slack, finding.from <= cause.to + Self.slack else { continue }
                nearest = other
                return
            }
        }
        look(at: index.bySubject[finding.subject])
        look(at: index.byNode[finding.node])
        for peer in relations.peers[finding.subject] ?? [] { look(at: index.bySubject[peer]) }
        return nearest
    }

    /// What is to be known of findings to relate them, and where those of each entity are.
    private struct Index {
        struct Item {
            var rule: Int
            var subject: EntityRegistry.Number
            var node: String
            var from: UInt64
            var to: UInt64
        }

        private(set) var items: [Item] = []
        /// By rule: the rules that it explains.
        let explained: [Set<Int>]
        private(set) var bySubject: [EntityRegistry.Number: [Int]] = [:]
        /// Those of rules for whole nodes.
        private(set) var byNode: [String: [Int]] = [:]

        init(_ findings: [Finding], _ evidence: Evidence) {
            let numbers = Dictionary(
                evidence.entities.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            var rules: [String: Int] = [:]
            for finding in findings where rules[finding.rule.id] == nil { rules[finding.rule.id] = rules.count }
            var explained = [Set<Int>](repeating: [], count: rules.count)
            for (id, others) in Ranking.closure(findings.map(\.rule)) {
                explained[rules[id] ?? 0] = Set(others.compactMap { rules[$0] })
            }
            self.explained = explained
            for (position, finding) in findings.enumerated() {
                let subject = numbers[finding.subject] ?? -1
                let node = finding.subject.node
                items.append(
                    Item(
                        rule: rules[finding.rule.id] ?? 0, subject: subject, node: node, from: finding.from,
                        to: finding.to))
                bySubject[subject, default: []].append(position)
                if finding.rule.scope == .node { byNode[node, default: []].append(position) }
            }
        }
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
