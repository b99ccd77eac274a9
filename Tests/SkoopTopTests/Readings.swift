// SPDX-License-Identifier: Apache-2.0
import SkoopModel

@testable import SkoopTop

/// Readings with a few counters.
enum Readings {
    /// A row of a metric: whose, its extra labels, its value.
    struct Row {
        var metric: Metric
        var pod: String
        var labels: [String] = []
        var value: UInt64

        init(_ metric: Metric, _ pod: String, _ value: UInt64, labels: [String] = []) {
            self.metric = metric
            self.pod = pod
            self.labels = labels
            self.value = value
        }
    }

    static let probes: Set<String> = ["netdev", "tcp", "tcpsummary", "tcpext", "udp"]

    /// A reading of the node `n1`, so many seconds after the first; pods are of the namespace `shop`, and without a name
    /// the node.
    static func reading(
        at seconds: Double, _ rows: [Row], probes: Set<String>? = probes, findings: [TopFinding]? = nil
    ) -> TopReading {
        var table = EntityTable(node: "n1")
        var positions: [String: EntityTable.Index] = ["": EntityTable.nodeIndex]
        var families: [Metric: Family] = [:]
        for row in rows {
            if positions[row.pod] == nil {
                let isPod = !row.pod.hasPrefix("netns:")
                positions[row.pod] = table.append(
                    Entity(
                        kind: isPod ? .pod : .namespace, namespace: NamespaceID(rawValue: UInt64(table.entities.count)),
                        podNamespace: isPod ? "shop" : "", podName: row.pod))
            }
            families[row.metric, default: Family(row.metric)].append(
                row.value, for: positions[row.pod] ?? EntityTable.nodeIndex, labels: row.labels)
        }
        let snapshot = Snapshot(
            timestamp: UInt64(seconds * 1e9), entities: table, families: Array(families.values))
        return TopReading(
            moment: 1_000_000_000 + UInt64(seconds * 1e9), time: UInt64(seconds * 1e9), snapshots: [snapshot],
            probes: probes, findings: findings)
    }

    static func pod(_ name: String) -> TopEntity { TopEntity(node: "n1", namespace: "shop", pod: name) }

    static func finding(_ pod: String, _ rule: String, time: UInt64 = 1, isOpen: Bool = true) -> TopFinding {
        TopFinding(
            entity: self.pod(pod), rule: rule, text: "clients wait: the queue is full", advice: ["accept faster"],
            confidence: 0.9, time: time, isOpen: isOpen)
    }

    /// A table of so many pods that receive 1, 2, … bytes in a second.
    static func table(_ count: Int, name: (Int) -> String = { "web-\($0)" }) -> TopTable {
        let metric = NetdevMetric.rxbytes.metric
        let before = (1...max(1, count)).map { Row(metric, name($0), 100) }
        let now = (1...max(1, count)).map { Row(metric, name($0), 100 + UInt64($0)) }
        return TopTable(reading(at: 1, now), after: reading(at: 0, before))
    }
}

extension TopTable {
    /// A number by the column's name.
    func number(_ column: String, of entity: TopEntity) -> Double? {
        guard let position = TopColumn.all.firstIndex(where: { $0.name == column }) else { return -1 }
        return rows.first { $0.entity == entity }?.numbers[position]
    }
}
