// SPDX-License-Identifier: Apache-2.0
import SkoopProbes

/// Which probes there are, and whether they run here: `skoop probes`.
public enum ProbeTable {
    /// A table for people, a line for each probe; all of them are prepared for it.
    public static var text: String {
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
        return TextTable.text(rows)
    }
}
