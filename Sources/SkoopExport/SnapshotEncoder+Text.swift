// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Prometheus text 0.0.4 and OpenMetrics 1.0, which differ in the metadata and the end of the page.
extension SnapshotEncoder {
    mutating func writeText(_ step: Step, of snapshot: Snapshot) -> Step {
        switch step {
        case .preamble, .entity:
            return .header(0)
        case .header(families.count):
            return .trailer
        case .header(let position):
            writeHeader(of: families[position], snapshot: snapshot)
            return .rows(position)
        case .rows(let position) where snapshot.families[families[position].index].metric.kind == .histogram:
            return writeHistograms(of: position, style: style(of: families[position]), snapshot: snapshot)
        case .rows(let position):
            return writeRows(of: position, style: style(of: families[position]), snapshot: snapshot)
        case .trailer, .done:
            if isOpenMetrics { chunk.append("# EOF\n") }
            return .done
        }
    }

    private func style(of family: PageFamily) -> LabelBlocks.Style { family.era == .v0 ? .v0 : .standard }

    private mutating func writeHeader(of family: PageFamily, snapshot: Snapshot) {
        let metric = snapshot.families[family.index].metric
        let name = isOpenMetrics ? OpenMetricsName(of: metric, exportedAs: family.name) : nil
        let familyName = name?.family ?? family.name
        if !metric.help.isEmpty {
            writeMetadata("# HELP ", familyName)
            chunk.append(metric.help, escaping: isOpenMetrics ? .quoted : .help)
            chunk.append("\n")
        }
        writeMetadata("# TYPE ", familyName)
        chunk.append(name?.type ?? metric.kind.rawValue)
        chunk.append("\n")
        if let unit = name?.unit {
            writeMetadata("# UNIT ", familyName)
            chunk.append(unit)
            chunk.append("\n")
        }
        setLayout(of: family, metric: metric, entities: snapshot.entities)
    }

    private mutating func writeMetadata(_ keyword: String, _ name: String) {
        chunk.append(keyword)
        chunk.append(name)
        chunk.append(" ")
    }

    private mutating func setLayout(of family: PageFamily, metric: Metric, entities: EntityTable) {
        progress = RowLayout.Progress()
        let extra = metric.labels.extra
        var hasEntities = false
        var node = ""
        switch metric.labels {
        case .entity: hasEntities = true
        case .node:
            node = String(decoding: LabelBlocks.nodeBlock(in: entities, style: style(of: family)), as: UTF8.self)
        case .plain: break
        }
        guard metric.kind != .histogram else {
            histogramLayout.set(
                name: family.name, metric: metric, opening: node, isOpeningLabel: !node.isEmpty, isJSON: false)
            return
        }
        let hasBlock = hasEntities || !node.isEmpty
        let hasLabels = hasBlock || !extra.isEmpty
        let lead = LabelBlocks.Style.standard.valueLead
        layout.set(
            opening: [family.name, hasLabels ? "{" : "", node], separator: "",
            extras: { position in
                [position > 0 ? "\"" : "", position > 0 || hasBlock ? "," : "", extra[position], "=\""]
            },
            extraCount: extra.count, valueLead: extra.isEmpty ? hasLabels ? lead : " " : "\"" + lead, ending: "\n",
            blockLead: hasEntities ? lead : nil, escaping: .quoted)
    }
}
