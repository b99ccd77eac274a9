// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// JSON after `skoop.snapshot/1`: the entities once, then the families with rows that refer to them by position.
///
/// Every entity, every family's head and every series stands on a line of its own, so that a page can be read line by
/// line as it arrives.
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
        case .rows(let position):
            return writeRows(of: position, style: .position, snapshot: snapshot)
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
        chunk.append(",\"series\":[")
        setJSONLayout(of: metric)
    }

    private mutating func setJSONLayout(of metric: Metric) {
        var isEntity = false
        if case .entity = metric.labels { isEntity = true }
        let extra = metric.labels.extra
        let lead = LabelBlocks.Style.position.valueLead
        layout.set(
            opening: ["\n{", isEntity ? "\"entity\":" : ""], separator: ",",
            extras: { position in
                [position > 0 ? "\"," : isEntity ? ",\"labels\":{" : "\"labels\":{", "\"", extra[position], "\":\""]
            },
            extraCount: extra.count, valueLead: extra.isEmpty ? String(lead.dropFirst()) : "\"}" + lead, ending: "}",
            blockLead: isEntity ? lead : nil, escaping: .json)
        progress = RowLayout.Progress()
    }
}
