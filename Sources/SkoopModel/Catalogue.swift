// SPDX-License-Identifier: Apache-2.0

/// Every metric this package knows, by name, by older names, and by what somebody may have meant.
public enum Catalogue {
    /// The sets in the order of their file names; the build writes the list from the folder `Catalogue/`.
    public static var sets: [any MetricSet.Type] { catalogueTypes }

    /// The sets of events in the order of their file names; the build writes the list from the folder `Catalogue/`.
    public static var eventSets: [any EventSet.Type] { eventSetTypes }

    /// All events, set by set.
    public static let events: [EventType] = eventSets.flatMap { $0.types }

    /// The event of this name, without regard to case.
    public static func event(named name: String) -> EventType? {
        events.first { comparable($0.name) == comparable(name) }
    }

    /// What the catalogue knows of a probe.
    public struct Probe: Sendable, Hashable {
        /// The probe's name in configuration and metric names.
        public var name: String
        /// Names it had before, or has in documents.
        public var aliases: [String]
        /// One sentence: what the probe counts.
        public var summary: String
        /// Its metrics in the order of export, those of KubeSkoop first.
        public var metrics: [Metric]
    }

    /// The probes by name.
    public static let probes: [Probe] = {
        let groups = Dictionary(grouping: sets) { $0.probe }
        return groups.keys.sorted().map { name in
            let sets = groups[name, default: []].sorted { !$0.isExtension && $1.isExtension }
            return Probe(
                name: name, aliases: sets.flatMap { $0.probeAliases }, summary: sets.first?.summary ?? "",
                metrics: sets.flatMap { $0.metrics })
        }
    }()

    /// All metrics, probe by probe.
    public static let metrics: [Metric] = probes.flatMap(\.metrics)

    /// The metric of this exported name or alias; takes constant time.
    public static func metric(named name: String) -> Metric? { spellings[name]?.metric }

    /// The probe of this name or alias, without regard to case, underscores and dashes.
    public static func probe(named name: String) -> Probe? {
        let wanted = comparable(name)
        return probes.first { probe in
            comparable(probe.name) == wanted || probe.aliases.contains { comparable($0) == wanted }
        }
    }

    /// All names and aliases.
    static let spellings: [String: (metric: Metric, alias: Metric.Alias?)] = {
        var spellings: [String: (metric: Metric, alias: Metric.Alias?)] = [:]
        for metric in metrics {
            for alias in metric.aliases { spellings[alias.name] = (metric, alias) }
        }
        // A valid name keeps its own meaning, whatever a document uses it for.
        for metric in metrics { spellings[metric.name] = (metric, nil) }
        return spellings
    }()

    /// A spelling without what people get wrong most: case, underscores, dashes, blanks.
    static func comparable(_ spelling: String) -> String {
        String(spelling.lowercased().filter { !"_- ".contains($0) })
    }
}
