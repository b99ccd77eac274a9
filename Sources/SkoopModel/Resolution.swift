// SPDX-License-Identifier: Apache-2.0

/// Which metric a spelling means.
public enum Resolution: Sendable, Hashable {
    /// The spelling is the exported name.
    case exact(Metric)
    /// The spelling is, or was, another name of the metric.
    case alias(Metric, Metric.Alias)
    /// Nothing is called so; these come closest, the closest first.
    case probable([Metric])
    /// Nothing comes close.
    case unknown
}

extension Catalogue {
    /// Finds the metric that a spelling means.
    ///
    /// A label set or value behind the name, as in a line of an exposition, is ignored. Names that nothing is called
    /// are compared without regard to case, underscores and dashes and to what formats put behind a name (`_total`,
    /// `_bucket`), also with `kubeskoop_`, the probe's name or both missing; then taken for the beginning of a name, and at
    /// last compared by how many letters are wrong.
    public static func resolve(_ spelling: String) -> Resolution {
        let name = bareName(spelling)
        if let known = spellings[name] {
            return known.alias.map { .alias(known.metric, $0) } ?? .exact(known.metric)
        }
        let wanted = comparable(name)
        guard (2...maximumLength).contains(wanted.utf8.count) else { return .unknown }

        let stem = endings.first { wanted.hasSuffix($0) }.map { String(wanted.dropLast($0.count)) } ?? wanted
        let same = metrics.filter { metric in forms(of: metric).contains { $0 == wanted || $0 == stem } }
        if !same.isEmpty { return .probable(same) }
        let begun = beginning(with: stem)
        if !begun.isEmpty { return .probable(begun) }

        let letters = Array(wanted.utf8)
        let limit = min(4, letters.count / 5)
        guard limit > 0 else { return .unknown }
        var near: [(metric: Metric, distance: Int)] = []
        for metric in metrics {
            let distances = forms(of: metric).compactMap { EditDistance.between(letters, Array($0.utf8), limit: limit) }
            if let distance = distances.min() { near.append((metric, distance)) }
        }
        guard let best = near.map(\.distance).min() else { return .unknown }
        return .probable(near.filter { $0.distance == best }.prefix(8).map(\.metric))
    }

    /// The metrics of whose names `stem` is the beginning, those with the least missing first.
    private static func beginning(with stem: String) -> [Metric] {
        let prefix = prefixes.first { stem.hasPrefix($0) }
        let stem = stem.dropFirst(prefix?.count ?? 0)
        // Less would be the beginning of everything, or of "kubeskoop".
        guard stem.count >= 4, !prefixes.contains(where: { $0.hasPrefix(stem) }) else { return [] }
        let found = metrics.compactMap { metric -> (length: Int, metric: Metric)? in
            forms(of: metric).filter { $0.hasPrefix(stem) }.map(\.count).min().map { ($0, metric) }
        }
        return found.sorted { ($0.length, $0.metric.name) < ($1.length, $1.metric.name) }.prefix(8).map(\.metric)
    }

    /// What stands before the names of all metrics.
    private static let prefixes = ["kubeskoop", "skoop"]

    /// What OpenMetrics and Prometheus put behind the name of a family.
    private static let endings = ["total", "created", "bucket", "sum", "count"]

    /// Longer than any name; keeps the search cheap for whatever is given.
    private static let maximumLength = 120

    /// The name at the beginning of what may be a line of an exposition.
    private static func bareName(_ spelling: String) -> String {
        let name = spelling.drop(while: \.isWhitespace).prefix { !$0.isWhitespace && $0 != "{" }
        return String(name)
    }

    /// How people may write a metric's name: whole, under another name, or in part.
    private static func forms(of metric: Metric) -> [String] { comparableForms[metric.name] ?? [] }

    private static let comparableForms: [String: [String]] = {
        var all: [String: [String]] = [:]
        for metric in metrics {
            var forms = [metric.name] + metric.aliases.map(\.name)
            for prefix in prefixes where metric.name.hasPrefix(prefix + "_") {
                let short = metric.name.dropFirst(prefix.count + 1)
                forms.append(String(short))
                if short.hasPrefix(metric.probe + "_") { forms.append(String(short.dropFirst(metric.probe.count + 1))) }
            }
            for form in forms where form.hasSuffix("_total") { forms.append(String(form.dropLast("_total".count))) }
            all[metric.name] = forms.map(comparable)
        }
        return all
    }()
}
