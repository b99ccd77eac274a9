// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// JSON after `skoop.snapshot/1`: the entities, then the families with rows that name theirs by position and by labels.
///
/// Every entity, every family's head and every series stands on a line of its own, and a series says of itself whose it
/// is, so that a page can be read line by line as it arrives.
extension SnapshotEncoder {
    mutating func writeJSON(_ step: Step, of snapshot: Snapshot) -> Step {
        switch step {
        case .preamble:
            chunk.append("{\"schema\":\"skoop.snapshot/1\",\"timestamp\":")
            chunk.append(snapshot.timestamp)
            writeMember("node", snapshot.entities.node)
            chunk.append(",\"entities\":[")
            return .entity(0)
        case .entity(snapshot.entities.entities.count):
            chunk.append("\n],\"families\":[")
            return .header(0)
        case .entity(let index):
            writeEntity(index, of: snapshot.entities)
            return .entity(index + 1)
        case .header(let position):
            if position > 0 { chunk.append("\n]}") }
            guard position < families.count else { return .trailer }
            writeJSONHeader(position, of: snapshot)
            return .rows(position)
        case .rows(let position) where snapshot.families[families[position].index].metric.kind == .histogram:
            return writeHistograms(of: position, style: .json, snapshot: snapshot)
        case .rows(let position):
            return writeRows(of: position, style: .json, snapshot: snapshot)
        case .trailer, .done:
            chunk.append("\n]}\n")
            return .done
        }
    }

    private mutating func writeMember(_ name: String, _ value: String, lead: String = ",\"") {
        chunk.append(lead)
        chunk.append(name, escaping: .json)
        chunk.append("\":\"")
        chunk.append(value, escaping: .json)
        chunk.append("\"")
    }

    private mutating func writeEntity(_ index: Int, of table: EntityTable) {
        let entity = table.entities[index]
        chunk.append(index > 0 ? ",\n" : "\n")
        writeMember("kind", entity.kind.rawValue, lead: "{\"")
        chunk.append(",\"netns\":")
        chunk.append(entity.namespace.rawValue)
        writeMember("container", entity.container)
        writeMember("k8s_namespace", entity.podNamespace)
        writeMember("k8s_pod", entity.podName)
        chunk.append(",\"additionalLabels\":{")
        var lead = "\""
        for (name, value) in zip(table.additionalLabelNames, table.additionalLabels(of: EntityTable.Index(index))) {
            writeMember(name, value, lead: lead)
            lead = ",\""
        }
        chunk.append("}}")
    }

    private mutating func writeJSONHeader(_ position: Int, of snapshot: Snapshot) {
        let family = families[position]
        let metric = snapshot.families[family.index].metric
        chunk.append(position > 0 ? ",\n" : "\n")
        writeMember("name", family.name, lead: "{\"")
        if let era = family.era {
            writeMember("aliasOf", metric.name)
            writeMember("era", era.rawValue)
        }
        writeMember("probe", metric.probe)
        writeMember("kind", metric.kind.rawValue)
        writeMember("unit", metric.unit.rawValue)
        writeMember("help", metric.help)
        writeBounds(of: metric)
        chunk.append(",\"series\":[")
        setJSONLayout(of: family.name, metric, in: snapshot.entities)
    }

    private mutating func writeBounds(of metric: Metric) {
        guard let buckets = metric.buckets else { return }
        chunk.append(",\"bounds\":[")
        for (position, bound) in buckets.bounds.enumerated() {
            chunk.append(position > 0 ? "," : "")
            chunk.append(bound, decimals: metric.decimals)
        }
        chunk.append("]")
    }

    private mutating func setJSONLayout(of name: String, _ metric: Metric, in entities: EntityTable) {
        progress = RowLayout.Progress()
        let isEntity = if case .entity = metric.labels { true } else { false }
        let node = String(decoding: LabelBlocks.nodeBlock(in: entities, style: .json), as: UTF8.self)
        let opening =
            switch metric.labels {
            case .entity: ""
            case .node: node
            case .plain: "\"labels\":{"
            }
        let isFirst = if case .plain = metric.labels { true } else { false }
        guard metric.kind != .histogram else {
            histogramLayout.set(
                name: name, metric: metric, opening: opening, isOpeningLabel: !isFirst && !isEntity, isJSON: true)
            return
        }
        let extra = metric.labels.extra
        let lead = LabelBlocks.Style.json.valueLead
        layout.set(
            opening: ["\n{", opening], separator: ",",
            extras: { position in [position > 0 ? "\"," : isFirst ? "" : ",", "\"", extra[position], "\":\""] },
            extraCount: extra.count, valueLead: extra.isEmpty ? lead : "\"" + lead, ending: "}",
            blockLead: isEntity ? lead : nil, escaping: .json)
    }
}
