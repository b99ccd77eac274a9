// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
public import SkoopModel

/// A probe whose metrics are SNMP counters, one row per namespace.
///
/// A conforming type names its metric set; everything else is here.
public protocol MIBProbe: Probe {
    /// The metrics; each has a `MIBCounter`.
    associatedtype Metrics: MetricSet
    /// A set of further metrics of the same kind; nil where there is none.
    static var extras: (any MetricSet.Type)? { get }
    /// What the metrics are read with.
    var counters: MIBSubscription<Metrics> { get }
    /// Makes the probe from what it reads with.
    init(counters: MIBSubscription<Metrics>)
}

extension MIBProbe {
    /// There are none.
    public static var extras: (any MetricSet.Type)? { nil }

    /// The one pass first, `/proc/<pid>/net` otherwise.
    public static var definition: ProbeDefinition {
        guard let extras else { return ProbeDefinition(Metrics.self, sources: [.onePass, .procfs]) }
        return ProbeDefinition(Metrics.self, extras, sources: [.onePass, .procfs])
    }

    /// Chooses the source.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        self.init(counters: try MIBSubscription(environment, extras: Self.extras))
    }

    /// The source in use.
    public var source: SourceChoice { counters.source }

    /// Reads the counters of every namespace.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] { try counters.families(scrape) }
}

/// The counters of a metric set, subscribed to the reader that all such probes share.
public struct MIBSubscription<Metrics: MetricSet>: Sendable {
    let source: SourceChoice
    private let reader: MIBReader
    private let metrics: [(metric: Metric, counter: MIBCounter)]

    init(_ environment: ProbeEnvironment, extras: (any MetricSet.Type)?) throws(ProbeError) {
        let host = environment.host
        reader = environment.readers.shared { MIBReader(host: host) }
        metrics = Self.counters(of: Metrics.self) + (extras.map { Self.counters(of: $0) } ?? [])
        source = try reader.subscribe(metrics.map(\.counter), required: environment.requiredSource)
    }

    private static func counters<Set: MetricSet>(of set: Set.Type) -> [(metric: Metric, counter: MIBCounter)] {
        set.allCases.compactMap { metric in metric.mib.map { (metric.metric, $0) } }
    }

    func families(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let table = try reader.table(source.source, scrape)
        // Columns are made whole and share the entities, where nothing was lost: that is most of what a scrape makes.
        let rows = table.namespaces.indices.filter { scrape.census.entityOfNamespace[table.namespaces[$0]] != nil }
        let entities = rows.compactMap { scrape.census.entityOfNamespace[table.namespaces[$0]] }
        let width = table.counters.count
        return metrics.compactMap { metric, counter in
            guard let column = table.counters.firstIndex(of: counter), table.available[column] else { return nil }
            guard !table.lost.isEmpty else {
                return Family(metric, entities: entities, values: rows.map { table.values[$0 * width + column] })
            }
            var family = Family(metric, reserving: entities.count)
            for (row, entity) in zip(rows, entities) {
                if let value = table.value(row, column) { family.append(value, for: entity) }
            }
            return family
        }
    }
}
