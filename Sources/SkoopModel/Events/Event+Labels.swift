// SPDX-License-Identifier: Apache-2.0

extension Event {
    /// The labels of KubeSkoop's envelope; nil where its events have none.
    public var labels: [(name: String, value: String)]? {
        switch type.labels {
        case .tuple: return Array(zip(TupleLabels.names, tupleLabels).map { (name: $0, value: $1) })
        case .entity: return [("pod", entity.podName), ("namespace", entity.podNamespace), ("node", node)]
        case .fields(let names):
            guard !names.isEmpty else { return nil }
            return names.map { ($0, self[field: $0]?.text ?? "") }
        }
    }

    /// The values of ``TupleLabels``; addresses and ports are empty where the event has no ends.
    private var tupleLabels: [String] {
        func labels(_ end: PacketTuple.End?, _ peer: Peer) -> [String] {
            [end?.address.description ?? "", peer.kind.rawValue, peer.node, peer.namespace, peer.pod]
        }
        return [tuple?.protocolName ?? ""] + labels(tuple?.source, source) + labels(tuple?.destination, destination)
            + [tuple?.source.port, tuple?.destination.port].map { $0.map { "\($0)" } ?? "" }
    }
}

extension EventValue {
    /// The value as a text: durations in nanoseconds, lists one element per line.
    public var text: String {
        switch self {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .duration(let nanoseconds): "\(nanoseconds)"
        case .flag(let flag): flag ? "true" : "false"
        case .list(let texts): texts.joined(separator: "\n")
        }
    }
}
