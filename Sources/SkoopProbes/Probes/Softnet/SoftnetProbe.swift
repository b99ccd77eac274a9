// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
public import SkoopModel
internal import SkoopSystem

/// Receive processing of the node's CPUs: `/proc/net/softnet_stat`.
///
/// The kernel has these numbers per CPU, not per network namespace: there is a row for the node only, and in the extra
/// metrics one for every CPU. The kernel's counters wrap at 32 bits, within the hour on a busy node; they go on here.
public struct SoftnetProbe: Probe {
    /// Read from procfs only.
    public static let definition = ProbeDefinition(
        SoftnetMetric.self, SoftnetExtraMetric.self, sources: [.procfs])

    private struct CPU {
        let number: Int
        var counters = InlineArray<5, WidenedCounter?>(repeating: nil)
        /// As of this scrape; an offline CPU has none.
        var backlog: UInt32?
    }

    /// Always procfs.
    public let source = SourceChoice(.procfs)
    private let host: ProbeEnvironment.HostPaths
    private let file = NodeFile("softnet_stat")
    /// In the order of their numbers; a CPU that is taken offline keeps its counts.
    private var cpus: [CPU] = []
    /// What all families that have a row for each CPU share.
    private var labels: [String] = []
    private var entities: [EntityTable.Index] = []

    private static let counterMetrics = SoftnetExtraMetric.allCases.filter { $0 != .backlogLength }.map(\.metric)
    private static let nodeMetrics = SoftnetMetric.allCases.map {
        (metric: $0.metric, counter: $0 == .processed ? 0 : 1)
    }
    private static let backlogMetric = SoftnetExtraMetric.backlogLength.metric

    /// Needs nothing that could be missing.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) { host = environment.host }

    /// Reads the file once.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        for place in cpus.indices { cpus[place].backlog = nil }
        try file.parse(host, scrape, for: Self.definition.name) { text in
            var malformed: UInt64 = 0
            var lines = ByteScanner(text)
            var number = 0
            while let line = lines.line() {
                if let row = SoftnetRow(line: line, number: number) {
                    update(row)
                } else {
                    malformed += 1
                }
                number += 1
            }
            return malformed
        }
        if labels.count != cpus.count {
            labels = cpus.map { "\($0.number)" }
            entities = cpus.map { _ in EntityTable.nodeIndex }
        }
        return families()
    }

    private mutating func update(_ row: SoftnetRow) {
        let place = cpus.firstIndex { $0.number >= row.cpu } ?? cpus.count
        if place == cpus.count || cpus[place].number != row.cpu { cpus.insert(CPU(number: row.cpu), at: place) }
        for position in 0..<SoftnetRow.width {
            guard let reading = row.counter(position) else { continue }
            if cpus[place].counters[position]?.update(reading) == nil {
                cpus[place].counters[position] = WidenedCounter(reading)
            }
        }
        cpus[place].backlog = row.backlog
    }

    private func families() -> [Family] {
        var families: [Family] = []
        families.reserveCapacity(Self.nodeMetrics.count + Self.counterMetrics.count + 1)
        for (metric, counter) in Self.nodeMetrics {
            var family = Family(metric)
            if !cpus.isEmpty { family.append(cpus.reduce(0) { $0 + ($1.counters[counter]?.value ?? 0) }) }
            families.append(family)
        }
        for (position, metric) in Self.counterMetrics.enumerated() {
            families.append(family(metric) { $0.counters[position]?.value })
        }
        families.append(family(Self.backlogMetric) { $0.backlog.map(UInt64.init) })
        return families
    }

    private func family(_ metric: Metric, _ value: (CPU) -> UInt64?) -> Family {
        var values: [UInt64] = []
        values.reserveCapacity(cpus.count)
        for cpu in cpus { if let value = value(cpu) { values.append(value) } }
        guard values.count < cpus.count else {
            return Family(metric, entities: entities, values: values, labelValues: labels)
        }
        var family = Family(metric)
        for (cpu, label) in zip(cpus, labels) { if let value = value(cpu) { family.append(value, labels: [label]) } }
        return family
    }
}
