// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// What each entity of a table looks like in a row, rendered once per version of the table.
struct LabelBlocks {
    /// How entities are shown.
    enum Style: Int, CaseIterable {
        /// `k8s_node`, `k8s_namespace`, `k8s_pod` and the configured additional labels.
        case standard
        /// The labels of KubeSkoop before 1.0.0.
        case v0
        /// The position in the table and the labels of ``standard``, for JSON.
        case json

        /// What stands between the labels and the value of a row without extra labels; every kept block ends in it.
        var valueLead: String { self == .json ? "},\"value\":" : "} " }
    }

    let style: Style
    private(set) var table = PaddedTable()
    private var key: Key?

    /// What must be the same for kept blocks to hold; the version alone would confuse two tables that start at zero.
    private struct Key: Equatable {
        var version: UInt64
        var count: Int
        var node: String
        var additionalLabelNames: [String]
    }

    init(_ style: Style) { self.style = style }

    /// Renders the blocks anew if `entities` are not those they were made of.
    ///
    /// Where two entities look the same, the later one gets a hole: its rows would repeat the series of the other.
    mutating func update(for entities: EntityTable) {
        let wanted = Key(
            version: entities.version, count: entities.entities.count, node: entities.node,
            additionalLabelNames: entities.additionalLabelNames)
        guard wanted != key else { return }
        key = wanted
        table.removeAll()
        var seen: Set<[UInt8]> = []
        for index in entities.entities.indices {
            let block = Self.block(of: EntityTable.Index(index), in: entities, style: style) + style.valueLead.utf8
            if seen.insert(block).inserted { table.append(block) } else { table.appendHole() }
        }
    }

    /// The labels of one entity, without braces.
    static func block(of index: EntityTable.Index, in entities: EntityTable, style: Style) -> [UInt8] {
        let entity = entities.entities[Int(index)]
        switch style {
        case .standard:
            return labels(standardLabels(of: index, in: entities))
        case .v0:
            let isNode = entity.kind == .node
            let namespace = isNode ? "hostNetwork" : entity.podNamespace
            let pod = isNode ? "hostNetwork" : entity.podName
            let names = ["target_node", "target_namespace", "target_pod", "node", "namespace", "pod"]
            return labels(zip(names, [entities.node, namespace, pod, entities.node, namespace, pod]))
        case .json:
            return Array("\"entity\":\(index),\"labels\":{".utf8)
                + labels(standardLabels(of: index, in: entities), style: .json)
        }
    }

    private static func standardLabels(
        of index: EntityTable.Index, in entities: EntityTable
    ) -> some Sequence<(String, String)> {
        let entity = entities.entities[Int(index)]
        let names = ["k8s_node", "k8s_namespace", "k8s_pod"] + entities.additionalLabelNames
        let values = [entities.node, entity.podNamespace, entity.podName] + entities.additionalLabels(of: index)
        return zip(names, values)
    }

    /// The labels of a row that belongs to the node as such.
    static func nodeBlock(in entities: EntityTable, style: Style) -> [UInt8] {
        switch style {
        case .standard: labels([("k8s_node", entities.node)])
        case .v0: block(of: EntityTable.nodeIndex, in: entities, style: .v0)
        case .json: Array("\"labels\":{".utf8) + labels([("k8s_node", entities.node)], style: .json)
        }
    }

    private static func labels(_ pairs: some Sequence<(String, String)>, style: Style = .standard) -> [UInt8] {
        var text = ChunkBuffer(chunkSize: 0)
        for (name, value) in pairs {
            text.append(text.count == 0 ? "" : ",")
            text.append(style == .json ? "\"\(name)\":\"" : "\(name)=\"")
            text.append(value, escaping: style == .json ? .json : .quoted)
            text.append("\"")
        }
        return Array(text.written)
    }
}
