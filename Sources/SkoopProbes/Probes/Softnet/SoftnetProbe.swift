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
        var counters: [WidenedCounter?]
        var label: String
    }

    /// Always procfs.
    public let source = SourceChoice(.procfs)
    private let host: ProbeEnvironment.HostPaths
    private let file = NodeFile("softnet_stat")
    /// By number; a CPU that is taken offline keeps its counts.
    private var cpus: [Int: CPU] = [:]

    private static let counters = SoftnetExtraMetric.allCases.filter { $0 != .backlogLength }
    private static let counterMetrics = counters.map(\.metric)
    private static let nodeMetrics = SoftnetMetric.metrics
    private static let backlogMetric = SoftnetExtraMetric.backlogLength.metric

    /// Needs nothing that could be missing.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) { host = environment.host }

    /// Reads the file once.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        var rows: [SoftnetRow] = []
        try file.parse(host, scrape, for: Self.definition.name) { text in
            var malformed: UInt64 = 0
            var lines = ByteScanner(text)
            var number = 0
            while let line = lines.line() {
                if let row = SoftnetRow(line: line, number: number) { rows.append(row) } else { malformed += 1 }
                number += 1
            }
            return malformed
        }
        for row in rows { update(row) }
        return families(rows)
    }

    private mutating func update(_ row: SoftnetRow) {
        guard cpus[row.cpu] != nil else {
            cpus[row.cpu] = CPU(counters: row.counters.map { $0.map(WidenedCounter.init) }, label: "\(row.cpu)")
            return
        }
        for (position, reading) in row.counters.enumerated() {
            if let reading { cpus[row.cpu]?.counters[position]?.update(reading) }
        }
    }

    private func families(_ rows: [SoftnetRow]) -> [Family] {
        var families = zip(SoftnetMetric.allCases, Self.nodeMetrics).map { counter, metric in
            var family = Family(metric)
            let position = counter == .processed ? 0 : 1
            if !cpus.isEmpty { family.append(cpus.values.reduce(0) { $0 + ($1.counters[position]?.value ?? 0) }) }
            return family
        }
        let known = cpus.sorted { $0.key < $1.key }.map(\.value)
        for (position, metric) in Self.counterMetrics.enumerated() {
            var family = Family(metric, reserving: known.count)
            for cpu in known {
                if let counter = cpu.counters[position] { family.append(counter.value, labels: [cpu.label]) }
            }
            families.append(family)
        }
        var backlog = Family(Self.backlogMetric, reserving: known.count)
        for row in rows {
            if let length = row.backlog { backlog.append(UInt64(length), labels: ["\(row.cpu)"]) }
        }
        families.append(backlog)
        return families
    }
}
