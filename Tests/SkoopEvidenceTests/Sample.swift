// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopModel
import SkoopTesting

/// Snapshots and events of the catalogue with made-up values.
enum Sample {
    static let second: UInt64 = 1_000_000_000
    static let start: UInt64 = 1_763_800_000 * second

    /// A snapshot of every metric of the catalogue.
    ///
    /// - Parameter pods: how many there are besides the node.
    static func snapshot(pods: Int = 3, node: String = "node-1", using random: inout SeededGenerator) -> Snapshot {
        var table = EntityTable(node: node)
        for pod in 0..<pods {
            table.append(
                Entity(
                    kind: .pod, namespace: NamespaceID(rawValue: 4_026_532_000 + UInt64(pod)), podNamespace: "shop",
                    podName: "pod \"\(pod)\"\\\n"))
        }
        let families = Catalogue.metrics.map { metric in
            var family = Family(metric)
            var rows = [EntityTable.nodeIndex]
            if case .entity = metric.labels { rows = table.entities.indices.map { EntityTable.Index($0) } }
            for entity in rows {
                for label in 0..<(metric.labels.extra.isEmpty ? 1 : 2) {
                    let labels = metric.labels.extra.map { "\($0) \(label)" }
                    let value = random.next() >> UInt64.random(in: 0..<64, using: &random)
                    if let buckets = metric.buckets {
                        let counts = (0..<buckets.width).map { _ in UInt64.random(in: 0..<100, using: &random) }
                        family.append(sum: value, counts: counts, for: entity, labels: labels)
                    } else {
                        family.append(value, for: entity, labels: labels)
                    }
                }
            }
            return family
        }
        return Snapshot(timestamp: start, entities: table, families: families)
    }

    /// An event with some of what events may have.
    static func event(_ type: EventType, using random: inout SeededGenerator) -> Event {
        var event = Event(
            type: type, timestamp: start + random.next() % second, node: "node-1",
            entity: Entity(
                kind: .pod, namespace: NamespaceID(rawValue: 4_026_532_000), container: "3f1c", podNamespace: "shop",
                podName: "cart-0"),
            message: "line\none \"two\"")
        event.count = 1 + random.next() % 5
        event.lastTimestamp = event.timestamp + random.next() % second
        if Bool.random(using: &random) {
            let address = { (random: inout SeededGenerator) in
                Bool.random(using: &random)
                    ? IPAddress(v4: UInt32(truncatingIfNeeded: random.next())) : IPAddress(v6: UInt128(random.next()))
            }
            event.tuple = PacketTuple(
                protocolNumber: [1, 6, 17, 58, 47].randomElement(using: &random) ?? 6,
                source: .init(address(&random), port: UInt16(truncatingIfNeeded: random.next())),
                destination: .init(address(&random)))
            event.source = Peer(kind: .pod, namespace: "shop", pod: "cart-0")
            event.destination = Peer(kind: .node, node: "node-2")
        }
        if Bool.random(using: &random) { event.process = EventProcess(pid: 7, thread: 8, command: "java \u{1}") }
        event.values = type.fields.map { field in
            guard Bool.random(using: &random) else { return nil }
            switch field.form {
            case .string: return .string("é\t\(random.next())")
            case .integer: return .integer(Int64(bitPattern: random.next()))
            case .duration: return .duration(random.next())
            case .flag: return .flag(.random(using: &random))
            case .list: return .list(["a", "b\u{2028}"])
            }
        }
        return event
    }

    /// The lines of a page that are samples, sorted, since the order says nothing.
    static func samples(_ page: [UInt8]) -> [String] {
        String(decoding: page, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }.map { String($0) }
            .sorted()
    }
}
