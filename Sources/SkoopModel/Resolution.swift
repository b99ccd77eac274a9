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
    /// are compared without regard to case, underscores and dashes, then with `kubeskoop_`, the probe's name or both
    /// missing, and at last by how many letters are wrong.
    public static func resolve(_ spelling: String) -> Resolution {
        let name = bareName(spelling)
        if let known = spellings[name] {
            return known.alias.map { .alias(known.metric, $0) } ?? .exact(known.metric)
        }
        let wanted = comparable(name)
        guard (2...maximumLength).contains(wanted.utf8.count) else { return .unknown }

        let same = metrics.filter { metric in forms(of: metric).contains(wanted) }
        if !same.isEmpty { return .probable(same) }

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
            for prefix in ["kubeskoop_", "skoop_"] where metric.name.hasPrefix(prefix) {
                let short = metric.name.dropFirst(prefix.count)
                forms.append(String(short))
                if short.hasPrefix(metric.probe + "_") { forms.append(String(short.dropFirst(metric.probe.count + 1))) }
            }
            for form in forms where form.hasSuffix("_total") { forms.append(String(form.dropLast("_total".count))) }
            all[metric.name] = forms.map(comparable)
        }
        return all
    }()
}
