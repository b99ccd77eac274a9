// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopModel
import SkoopYAML

/// Reads what a test measures, and checks it against the catalogue.
struct QuantityReader {
    private let diagnostics: Diagnostics

    init(_ diagnostics: Diagnostics) { self.diagnostics = diagnostics }

    /// The keys that name what is measured.
    static let names = [
        "increase", "rate", "maximum", "minimum", "mean", "last", "ratio", "fill", "change", "quantile", "slower",
        "slowerShare", "event", "lasting",
    ]

    /// The quantity; nil where something is wrong with it.
    mutating func quantity(_ keys: inout MappingReader, _ node: YAMLNode) -> Quantity? {
        let given = Self.names.filter { keys.node($0) != nil }
        guard given.count == 1, let name = given.first else {
            diagnostics.error(
                given.isEmpty
                    ? "expected one of \(Self.names.joined(separator: ", "))"
                    : "\(given.joined(separator: " and ")) together say nothing, give one",
                key: keys.path, line: node.line)
            return nil
        }
        if name == "event" { return events(&keys, name).map { .events($0) } }
        if name == "lasting" { return events(&keys, name).map { .lasting($0) } }
        guard let measure = measure(&keys, name) else { return nil }
        switch name {
        case "increase": return checked(.increase(measure), [.counter, .histogram], &keys, name)
        case "rate": return checked(.rate(measure), [.counter, .histogram], &keys, name)
        case "maximum": return checked(.level(measure, .maximum), [.gauge], &keys, name)
        case "minimum": return checked(.level(measure, .minimum), [.gauge], &keys, name)
        case "mean": return checked(.level(measure, .mean), [.gauge], &keys, name)
        case "last": return checked(.level(measure, .last), [.gauge], &keys, name)
        case "ratio", "fill":
            guard let other = divisor(&keys) else { return nil }
            return name == "ratio"
                ? checked(.ratio(measure, other), [.counter, .histogram], &keys, name)
                : checked(.fill(measure, other), [.gauge], &keys, name)
        case "change":
            let isLevel = measure.metrics.allSatisfy { $0.kind == .gauge }
            let floor = keys.amount("floor", in: isLevel ? measure.unit : .other()) ?? 1
            return checked(.change(measure, floor: floor), [.counter, .gauge], &keys, name)
        case "quantile":
            let share = keys.number("share", above: 0, below: 1) ?? 0.99
            return checked(.quantile(measure, share), [.histogram], &keys, name)
        default:
            guard keys.node("than") != nil else {
                diagnostics.error("missing, for example 100ms", key: keys.join("than"), line: node.line)
                return nil
            }
            guard let bound = keys.amount("than", in: measure.hasBuckets ? measure.unit : .seconds) else { return nil }
            return checked(
                name == "slower" ? .above(measure, bound) : .shareAbove(measure, bound), [.histogram], &keys, name)
        }
    }

    /// Complains where a metric is of a kind that the quantity does not exist of.
    private func checked(
        _ quantity: Quantity, _ kinds: [Metric.Kind], _ keys: inout MappingReader, _ name: String
    ) -> Quantity? {
        for metric in quantity.measures.flatMap(\.metrics) where !kinds.contains(metric.kind) {
            let allowed = kinds.map(\.rawValue).joined(separator: " or ")
            diagnostics.error(
                "\(metric.name) is a \(metric.kind.rawValue), expected a \(allowed)", key: keys.join(name),
                line: keys.node(name)?.line ?? 0)
            return nil
        }
        return quantity
    }

    private func divisor(_ keys: inout MappingReader) -> Measure? {
        guard let node = keys.node("by") else {
            diagnostics.error("missing, the metric to divide by", key: keys.join("by"), line: keys.line)
            return nil
        }
        return metrics(node, path: keys.join("by")).map { Measure(metrics: $0) }
    }

    private func measure(_ keys: inout MappingReader, _ key: String) -> Measure? {
        guard let node = keys.node(key), let metrics = metrics(node, path: keys.join(key)) else { return nil }
        var measure = Measure(metrics: metrics)
        for (key, excludes) in [("where", false), ("except", true)] {
            for (label, values, line) in pairs(&keys, key) {
                let path = "\(keys.join(key)).\(label)"
                for metric in metrics where !metric.labels.extra.contains(label) {
                    diagnostics.error(
                        NearestName.message(unknown: "label", label, allowed: metric.labels.extra), key: path,
                        line: line)
                    return nil
                }
                guard let texts = texts(values, path: path) else { return nil }
                measure.filters.append(Measure.LabelFilter(name: label, values: texts, excludes: excludes))
            }
        }
        return measure
    }

    /// A metric or a list of them, by any spelling that means one.
    private func metrics(_ node: YAMLNode, path: String) -> [Metric]? {
        let names = node.sequence.map { $0.isEmpty ? [node] : $0 } ?? [node]
        var metrics: [Metric] = []
        for name in names {
            guard let text = name.string else {
                diagnostics.error("expected a metric, found \(name.form)", key: path, line: name.line)
                return nil
            }
            switch Catalogue.resolve(text) {
            case .exact(let metric), .alias(let metric, _): metrics.append(metric)
            case .probable(let near):
                let hint = near.prefix(3).map { "'\($0.name)'" }.joined(separator: " or ")
                diagnostics.error("unknown metric '\(text)', did you mean \(hint)?", key: path, line: name.line)
                return nil
            case .unknown:
                diagnostics.error(
                    "unknown metric '\(text)'; Documentation/metrics.md lists them", key: path, line: name.line)
                return nil
            }
            if let first = metrics.first, let last = metrics.last, first.kind != last.kind || first.unit != last.unit {
                diagnostics.error(
                    "\(first.name) is a \(first.kind.rawValue) of unit \(first.unit.rawValue), \(last.name) a "
                        + "\(last.kind.rawValue) of unit \(last.unit.rawValue): they do not add up",
                    key: path, line: name.line)
                return nil
            }
        }
        return metrics
    }

    private func events(_ keys: inout MappingReader, _ key: String) -> EventQuery? {
        guard let node = keys.node(key) else { return nil }
        let path = keys.join(key)
        var types: [EventType] = []
        for name in node.sequence.map({ $0.isEmpty ? [node] : $0 }) ?? [node] {
            guard let type = name.string.flatMap({ Catalogue.event(named: $0) }) else {
                diagnostics.error(
                    name.string.map { NearestName.message(unknown: "event", $0, near: Catalogue.events.map(\.name)) }
                        ?? "expected an event, found \(name.form)", key: path, line: name.line)
                return nil
            }
            types.append(type)
        }
        var query = EventQuery(types: types)
        for (key, excludes) in [("where", false), ("except", true)] {
            for (field, value, line) in pairs(&keys, key) {
                let path = "\(keys.join(key)).\(field)"
                for type in types where !(EventQuery.commonFields + type.fields.map(\.name)).contains(field) {
                    diagnostics.error(
                        NearestName.message(
                            unknown: "field", field, allowed: EventQuery.commonFields + type.fields.map(\.name)),
                        key: path, line: line)
                    return nil
                }
                let isTime = types.allSatisfy { $0.fields.first { $0.name == field }?.form == .duration }
                let unit: AmountUnit = isTime ? .seconds : .other()
                guard let predicate = predicate(value, path: path, excludes: excludes, unit) else { return nil }
                query.filters.append(EventQuery.Filter(field: field, predicate: predicate))
            }
        }
        return query
    }

    private func predicate(
        _ node: YAMLNode, path: String, excludes: Bool, _ unit: AmountUnit
    ) -> EventQuery.Predicate? {
        guard node.mapping != nil, !node.isNull else {
            return texts(node, path: path).map { excludes ? .noneOf($0) : .oneOf($0) }
        }
        var keys = MappingReader(node, path: path, diagnostics)
        defer { keys.finish() }
        if !excludes, keys.node("atLeast") != nil {
            return keys.amount("atLeast", in: unit).map { .atLeast($0) }
        }
        if !excludes, keys.node("atMost") != nil {
            return keys.amount("atMost", in: unit).map { .atMost($0) }
        }
        diagnostics.error(
            excludes ? "expected a text or a list of texts" : "expected a text, a list of texts, atLeast or atMost",
            key: path, line: node.line)
        return nil
    }

    private func pairs(_ keys: inout MappingReader, _ key: String) -> [(name: String, value: YAMLNode, line: Int)] {
        let node = keys.value(key, expected: "a mapping of names to values") { $0.mapping }
        return (node ?? []).map { ($0.key, $0.value, $0.line) }
    }

    private func texts(_ node: YAMLNode, path: String) -> [String]? {
        let nodes = node.sequence.map { $0.isEmpty ? [node] : $0 } ?? [node]
        let texts = nodes.compactMap(\.string)
        guard texts.count == nodes.count, !texts.isEmpty else {
            diagnostics.error("expected a text or a list of texts, found \(node.form)", key: path, line: node.line)
            return nil
        }
        return texts
    }
}

extension Measure {
    /// What values are a number of; metrics that are added have one unit.
    fileprivate var unit: AmountUnit {
        switch metrics.first?.unit {
        case .seconds: .seconds
        case .milliseconds: .milliseconds
        case .bytes: .other("bytes")
        case .pages: .other("pages")
        default: .other()
        }
    }

    fileprivate var hasBuckets: Bool { metrics.allSatisfy { $0.kind == .histogram } }
}

extension Quantity {
    /// What values are a number of; a histogram's increase is a number of observations.
    var unit: AmountUnit {
        switch self {
        case .lasting: .seconds
        case .quantile(let measure, _), .level(let measure, _): measure.unit
        case .increase(let measure): measure.hasBuckets ? .other() : measure.unit
        case .rate, .ratio, .fill, .change, .above, .shareAbove, .events: .other()
        }
    }
}
