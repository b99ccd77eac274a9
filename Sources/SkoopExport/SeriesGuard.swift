// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Finds what would make a page invalid, probe by probe, so that one probe can be refused and not the page.
///
/// Keep one and call ``begin(_:)`` for each page: its memory is reused, and no row costs an allocation.
public struct SeriesGuard: Sendable {
    private var entities = EntityTable(node: "")
    private var additionalLabels: Set<String> = []
    /// The names on the page, and those OpenMetrics derives from them, each with its family.
    private var names: [String: String] = [:]
    private var rows = RowIndex()

    /// Makes a guard.
    public init() {}

    /// Starts a page of `entities`.
    ///
    /// - Returns: a problem for each additional label whose name cannot be one; they spoil the whole page.
    @discardableResult
    public mutating func begin(_ entities: EntityTable) -> [FamilyProblem] {
        self.entities = entities
        names.removeAll(keepingCapacity: true)
        var taken = Set(Self.entityLabels)
        return entities.additionalLabelNames.compactMap { name in
            guard !Self.isLabelName(name) || !taken.insert(name).inserted else { return nil }
            return FamilyProblem(metric: "", kind: .invalidLabel(name))
        }
    }

    /// Looks at one probe's families; where nothing is wrong they count as part of the page.
    ///
    /// Rows are compared by entity and extra labels. Two entities with the same labels are no fault of a probe: the
    /// encoder shows the first of them, see ``indistinguishable(in:)``.
    ///
    /// - Returns: at most one problem per family, in their order.
    public mutating func problems(in families: [Family]) -> [FamilyProblem] {
        var problems: [FamilyProblem] = []
        var added: [String] = []
        for family in families where family.count > 0 {
            let claimed = Self.claims(of: family.metric)
            if let kind = problem(with: family, claiming: claimed) {
                problems.append(FamilyProblem(metric: family.metric.name, kind: kind))
                continue
            }
            for name in claimed { names[name] = family.metric.name }
            added += claimed
        }
        if !problems.isEmpty { for name in added { names[name] = nil } }
        return problems
    }

    /// The entities that carry the same labels as an earlier one.
    public static func indistinguishable(in entities: EntityTable) -> [EntityTable.Index] {
        var seen: Set<[UInt8]> = []
        return entities.entities.indices.lazy.map { EntityTable.Index($0) }.filter { index in
            !seen.insert(LabelBlocks.block(of: index, in: entities, style: .standard)).inserted
        }
    }

    private mutating func problem(with family: Family, claiming claimed: [String]) -> FamilyProblem.Kind? {
        let metric = family.metric
        guard Self.isMetricName(metric.name) else { return .invalidName }
        if let other = claimed.lazy.compactMap({ [names] in names[$0] }).first { return .duplicateFamily(other: other) }
        if let label = invalidLabel(of: metric) { return .invalidLabel(label) }
        var entityCount: Int?
        if case .entity = metric.labels {
            let count = entities.entities.count
            let rows = family.entities.span
            for row in rows.indices where rows[row] < 0 || rows[row] >= count { return .unknownEntity(Int(rows[row])) }
            entityCount = count
        }
        guard let row = rows.firstDuplicate(in: family, entityCount: entityCount) else { return nil }
        return .duplicateSeries(labels: labels(of: row, in: family))
    }

    private func invalidLabel(of metric: Metric) -> String? {
        var taken: Set<String>
        switch metric.labels {
        case .entity: taken = Set(Self.entityLabels + entities.additionalLabelNames)
        case .node: taken = ["k8s_node"]
        case .plain: taken = []
        }
        if metric.kind == .histogram { taken.insert("le") }
        return metric.labels.extra.first { !Self.isLabelName($0) || !taken.insert($0).inserted }
    }

    private func labels(of row: Int, in family: Family) -> String {
        var text = ""
        switch family.metric.labels {
        case .entity:
            let block = LabelBlocks.block(of: family.entities[row], in: entities, style: .standard)
            text = String(decoding: block, as: UTF8.self)
        case .node:
            text = String(decoding: LabelBlocks.nodeBlock(in: entities, style: .standard), as: UTF8.self)
        case .plain: break
        }
        for (name, value) in zip(family.metric.labels.extra, family.labels(of: row)) {
            text += (text.isEmpty ? "" : ",") + name + "=\"" + value + "\""
        }
        return text
    }

    /// The names a family takes: its own, those of a histogram's samples, and for a counter in `_total` what OpenMetrics
    /// makes of it.
    private static func claims(of metric: Metric) -> [String] {
        let family = OpenMetricsName(of: metric, exportedAs: metric.name).family
        if metric.kind == .histogram {
            return [family] + ["_bucket", "_sum", "_count", "_created"].map { family + $0 }
        }
        return family == metric.name ? [family] : [metric.name, family, family + "_created"]
    }

    private static let entityLabels = ["k8s_node", "k8s_namespace", "k8s_pod"]

    private static func isMetricName(_ name: String) -> Bool {
        isName(name, allowing: UInt8(ascii: ":"))
    }

    private static func isLabelName(_ name: String) -> Bool {
        isName(name, allowing: UInt8(ascii: "_")) && !name.hasPrefix("__")
    }

    /// Letters, digits, underscores and one more character, no digit first.
    private static func isName(_ name: String, allowing other: UInt8) -> Bool {
        var isFirst = true
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), other:
                break
            case UInt8(ascii: "0")...UInt8(ascii: "9") where !isFirst: break
            default: return false
            }
            isFirst = false
        }
        return !isFirst
    }
}
