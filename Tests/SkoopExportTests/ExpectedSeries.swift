// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopModel

/// A series as a reader of a page should see it.
struct ExpectedSeries: Hashable, Codable {
    var name: String
    var labels: [String: String]
    /// The number as Python writes a double, or as it stands on the page.
    var value: String

    /// Every series of a snapshot, its values in exact decimal notation.
    static func all(of snapshot: Snapshot) -> [ExpectedSeries] {
        snapshot.families.flatMap { family in
            (0..<family.count).flatMap { row -> [ExpectedSeries] in
                var labels: [String: String] = [:]
                let entity = snapshot.entities.entities[Int(family.entities[row])]
                switch family.metric.labels {
                case .entity:
                    labels = [
                        "k8s_node": snapshot.entities.node, "k8s_namespace": entity.podNamespace,
                        "k8s_pod": entity.podName,
                    ]
                    let values = snapshot.entities.additionalLabels(of: family.entities[row])
                    for (name, value) in zip(snapshot.entities.additionalLabelNames, values) { labels[name] = value }
                case .node: labels = ["k8s_node": snapshot.entities.node]
                case .plain: break
                }
                for (name, value) in zip(family.metric.labels.extra, family.labels(of: row)) { labels[name] = value }
                let value = decimal(family.values[row], family.metric.decimals)
                let series = ExpectedSeries(name: family.metric.name, labels: labels, value: value)
                guard let buckets = family.metric.buckets else { return [series] }
                return series.samples(buckets, family.bucketCounts(of: row), decimals: family.metric.decimals)
            }
        }
    }

    /// What stands in JSON after `"value":`, row by row.
    static func values(of family: Family) -> [String] {
        (0..<family.count).map { row in
            let value = decimal(family.values[row], family.metric.decimals)
            guard family.metric.buckets != nil else { return value }
            let counts = family.bucketCounts(of: row)
            let list = counts.map { String($0) }.joined(separator: ",")
            return "\(value),\"count\":\(counts.reduce(0, +)),\"buckets\":[\(list)]"
        }
    }

    /// What stands on a page in place of a histogram.
    private func samples(
        _ buckets: HistogramBuckets, _ counts: ArraySlice<UInt64>, decimals: Int
    ) -> [ExpectedSeries] {
        var total: UInt64 = 0
        let bounds = buckets.bounds.map { Self.decimal($0, decimals) }.map { $0.contains(".") ? $0 : $0 + ".0" }
        var samples = zip(bounds + ["+Inf"], counts).map { bound, count in
            total += count
            return ExpectedSeries(
                name: name + "_bucket", labels: labels.merging(["le": bound]) { $1 }, value: String(total))
        }
        samples.append(ExpectedSeries(name: name + "_sum", labels: labels, value: value))
        samples.append(ExpectedSeries(name: name + "_count", labels: labels, value: String(total)))
        return samples
    }

    /// The same with the value as a double, in the one notation both sides can make of it.
    var rounded: ExpectedSeries {
        ExpectedSeries(name: name, labels: labels, value: String(Double(value) ?? .nan))
    }

    /// The same under a name that ends in `_total`.
    var withTotal: ExpectedSeries {
        guard !name.hasSuffix("_total") else { return self }
        return ExpectedSeries(name: name + "_total", labels: labels, value: value)
    }

    /// `value` / 10^`decimals`, by Foundation's decimal arithmetic.
    private static func decimal(_ value: UInt64, _ decimals: Int) -> String {
        guard let whole = Decimal(string: String(value)) else { return "" }
        return Decimal(sign: .plus, exponent: -decimals, significand: whole).description
    }
}

extension String {
    /// The text without the white space at its end; a line feed is escaped there and stays.
    var withoutTrailingSpace: String {
        var view = unicodeScalars
        while let last = view.last, last.properties.isWhitespace, last != "\n" { view.removeLast() }
        return String(view)
    }
}
