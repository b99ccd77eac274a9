// SPDX-License-Identifier: Apache-2.0
import SkoopModel

extension SampleSnapshot {
    /// Values at which notations go wrong.
    static let boundaries: [UInt64] = [
        0, 1, 9, 10, 99, 100, 1 << 32, 1 << 53 - 1, 1 << 53, 1 << 53 + 1, 9_999_999_999_999_999_999,
        10_000_000_000_000_000_000, .max,
    ]

    /// A valid snapshot full of labels that need care.
    static func random(using generator: inout some RandomNumberGenerator) -> Snapshot {
        var table = EntityTable(
            node: text(using: &generator), additionalLabelNames: ["app", "_x9"],
            nodeLabelValues: [text(using: &generator), ""])
        for number in 1..<Int.random(in: 2...20, using: &generator) {
            table.append(
                Entity(
                    kind: .pod, namespace: NamespaceID(rawValue: generator.next()),
                    podNamespace: text(using: &generator), podName: "\(number)" + text(using: &generator)),
                additionalLabelValues: [text(using: &generator), text(using: &generator)])
        }
        let units = Metric.Unit.allCases
        let families = (0..<Int.random(in: 1...12, using: &generator)).map { number in
            let unit = units.randomElement(using: &generator) ?? .none
            let endings = ["", "_total", "_" + unit.rawValue, "_" + unit.rawValue + "_total"]
            let extra = [[], ["device"], ["device", "port"]].randomElement(using: &generator) ?? []
            let labels: Metric.Labels =
                [.entity(extra: extra), .node(extra: extra), .plain(extra)]
                .randomElement(using: &generator) ?? .plain()
            let ending = endings.randomElement(using: &generator) ?? ""
            let kind: Metric.Kind = Bool.random(using: &generator) || ending.hasSuffix("_total") ? .counter : .gauge
            let isHistogram = kind == .gauge && Bool.random(using: &generator)
            // As doubles, too, they must ascend.
            let bounds = boundaries.filter { $0 < 1 << 53 && Bool.random(using: &generator) }
            let metric = Metric(
                name: "skoop_random\(number)\(ending)", probe: "random", kind: isHistogram ? .histogram : kind,
                unit: unit, decimals: [0, 0, 2, 9, 19, 25].randomElement(using: &generator) ?? 0,
                help: "help" + text(using: &generator), labels: labels, source: "",
                buckets: isHistogram ? HistogramBuckets(bounds: bounds) : nil)
            var family = Family(metric)
            var rows = [EntityTable.nodeIndex]
            if case .entity = labels { rows = table.entities.indices.map { EntityTable.Index($0) } }
            for entity in rows {
                for repetition in 0..<(extra.isEmpty ? 1 : 3) {
                    let value = boundaries.randomElement(using: &generator) ?? 0
                    let values = extra.map { _ in "\(repetition)" + text(using: &generator) }
                    guard isHistogram else {
                        family.append(value, for: entity, labels: values)
                        continue
                    }
                    let counts = (0...bounds.count).map { _ in UInt64.random(in: 0...1 << 50, using: &generator) }
                    family.append(sum: value, counts: counts, for: entity, labels: values)
                }
            }
            return family
        }
        return Snapshot(timestamp: generator.next(), entities: table, families: families)
    }

    /// A string of characters that mean something to one format or another.
    static func text(using generator: inout some RandomNumberGenerator) -> String {
        let alphabet: [Unicode.Scalar] = [
            "\\", "\"", "\n", "n", "{", "}", ",", "=", "#", " ", "a", "é", "e", "\u{301}", "🐝", "\u{10FFFF}", "\t",
            "\u{7f}",
            "\u{2028}", "'", "/", "\u{1}",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...12, using: &generator) {
            text.append(alphabet.randomElement(using: &generator) ?? "x")
        }
        return String(text)
    }
}

extension SampleSnapshot {
    /// Every metric of the catalogue, with a value for each of `count` entities where it is per entity.
    static func catalogue(entities count: Int) -> Snapshot {
        let table = large(entities: count, metrics: 0).entities
        let families = Catalogue.metrics.map { metric in
            var family = Family(metric)
            var rows = [EntityTable.nodeIndex]
            if case .entity = metric.labels { rows = table.entities.indices.map { EntityTable.Index($0) } }
            for entity in rows {
                let (value, labels) = (UInt64(entity) * 1000, metric.labels.extra.map { $0 + "0" })
                if let buckets = metric.buckets {
                    family.append(
                        sum: value, counts: (0..<buckets.width).map { UInt64($0) }, for: entity, labels: labels)
                } else {
                    family.append(value, for: entity, labels: labels)
                }
            }
            return family
        }
        return Snapshot(timestamp: 1, entities: table, families: families)
    }
}
