// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopExport
import SkoopModel
import SkoopReport

/// What an agent's own analysis knows.
public struct AnalysisReport: Sendable {
    /// The latest analysis; nil before the first.
    public var latest: Analysis?
    /// Causes that are seen now, the most certain first.
    public var open: [Finding] = []
    /// Causes that have not been seen for a while, the latest first.
    public var ended: [Finding] = []
    /// How often each cause was found so far, by entity.
    public var totals: [Total: UInt64] = [:]
    /// How many analyses there were.
    public var count: UInt64 = 0
    /// How long the last one took, its snapshot not counted.
    public var duration: Duration = .zero
    /// What the history takes, in bytes.
    public var byteCount = 0

    /// An entity's cause.
    public struct Total: Sendable, Hashable {
        /// The rule.
        public var rule: String
        /// The entity.
        public var subject: AnalysedEntity
    }

    /// The report before the first analysis.
    public init() {}

    /// What `/findings` answers: `skoop.findings/1` (`Documentation/schema/findings-1.json`).
    public var json: String {
        JSONValue.object([
            ("schema", .string("skoop.findings/1")),
            ("looks", .integer(count)),
            ("open", .array(open.map { JSONReport.value($0) })),
            ("ended", .array(ended.map { JSONReport.value($0) })),
            ("latest", latest.map { JSONReport.value($0) } ?? .null),
        ]).text
    }

    /// The families in which it is exported, for a page with these entities.
    func families(_ entities: EntityTable) -> [Family] {
        guard let latest else { return [] }
        let positions = Positions(entities)
        var findings = Family(AnalysisMetric.findings.metric)
        for finding in open {
            guard let position = positions[finding.subject.entity] else { continue }
            findings.append(1, for: position, labels: [finding.rule.id])
        }
        var found = Family(AnalysisMetric.total.metric)
        for (total, count) in totals.sorted(by: {
            ($0.key.rule, $0.key.subject.name) < ($1.key.rule, $1.key.subject.name)
        }) {
            guard let position = positions[total.subject.entity] else { continue }
            found.append(count, for: position, labels: [total.rule])
        }
        func single(_ metric: AnalysisMetric, _ value: UInt64) -> Family {
            var family = Family(metric.metric)
            family.append(value)
            return family
        }
        return [
            findings, found, single(.undecided, UInt64(Set(latest.undecided.map(\.rule.id)).count)),
            single(.duration, duration.wholeNanoseconds), single(.memory, UInt64(byteCount)),
        ]
    }

    /// Takes in that analysis knows these entities by now: what was found of one before it had learnt its name is its own,
    /// and what was found of one that has gone is forgotten.
    mutating func keepTotals(of entities: [AnalysedEntity]) {
        let known = Set(entities)
        guard totals.keys.contains(where: { !known.contains($0.subject) }) else { return }
        for (total, count) in totals where !known.contains(total.subject) {
            totals[total] = nil
            let heir = entities.first {
                total.subject.entity.kind == .unknown && $0.entity.kind != .node && $0.node == total.subject.node
                    && $0.entity.namespace == total.subject.entity.namespace
            }
            guard let heir else { continue }
            totals[Total(rule: total.rule, subject: heir), default: 0] += count
        }
    }
}

/// Where entities are in a table: by their names too, since a namespace number comes again.
private struct Positions {
    private struct Key: Hashable {
        var namespace: NamespaceID
        var name: String?

        /// The node is one, whatever it is called.
        init(_ entity: Entity) {
            namespace = entity.kind == .node ? NamespaceID(rawValue: 0) : entity.namespace
            name = entity.kind == .node ? nil : "\(entity.podNamespace)/\(entity.podName)"
        }
    }
    private let positions: [Key: EntityTable.Index]

    init(_ table: EntityTable) {
        positions = Dictionary(
            table.entities.enumerated().map { (Key($1), EntityTable.Index($0)) }, uniquingKeysWith: { one, _ in one })
    }

    subscript(entity: Entity) -> EntityTable.Index? { positions[Key(entity)] }
}
