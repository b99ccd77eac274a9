// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SkoopProbes

/// `skoop probes`: what can be read on this host, from which source, and why not from a better one.
struct ProbesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probes", abstract: "Lists the probes: whether they run here, from which source, and why not.")

    func run() {
        noteMissingPrivilege()
        let definitions = ProbeRegistry.all.map { $0.definition }.sorted { $0.name < $1.name }
        let reader = SnapshotReader(probes: definitions.map(\.name))
        let sources = reader.sources
        let failures = reader.failures
        var rows = [["PROBE", "DEFAULT", "METRICS", "RUNS", "SOURCE", "WHY"]]
        for definition in definitions {
            let source = sources[definition.name]
            let failure = failures[definition.name]
            rows.append([
                definition.name, ProbeRegistry.defaultNames.contains(definition.name) ? "yes" : "no",
                "\(definition.metrics.count)", source == nil ? "no" : "yes", source?.source.rawValue ?? "-",
                failure.map { "\($0.reason.rawValue): \($0.message)" } ?? source?.reason ?? "",
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).map { text, width in text + String(repeating: " ", count: width - text.count) }
            let line = cells.joined(separator: "  ")
            print(line[...(line.lastIndex { $0 != " " } ?? line.startIndex)])
        }
    }
}
