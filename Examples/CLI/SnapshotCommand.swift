// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SkoopExport
import SkoopProbes
import SkoopSystem

/// `skoop snapshot`: everything once, as a scrape of an agent would have it.
struct SnapshotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot", abstract: "Takes one snapshot and prints it.",
        discussion: "Prometheus' text format, unless another is asked for.")

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print OpenMetrics.")
    var openmetrics = false

    @Option(
        name: .customLong("probe"), parsing: .upToNextOption,
        help: "The probes to run; the agent's default ones without.")
    var probes: [String] = []

    @Option(help: "The node's name; the host name without.")
    var node: String?

    func validate() throws {
        if json && openmetrics { throw ValidationError("--json and --openmetrics exclude each other") }
        for probe in probes where ProbeRegistry.probe(named: probe) == nil {
            throw ValidationError(ProbeRegistry.unknownProbe(probe))
        }
    }

    func run() throws {
        noteMissingPrivilege()
        let names = probes.isEmpty ? ProbeRegistry.defaultNames : probes
        var reader =
            node.map { SnapshotReader(probes: names, node: $0) } ?? SnapshotReader(probes: names)
        let snapshot = try reader.read()
        for (probe, error) in reader.failures.sorted(by: { $0.key < $1.key }) {
            note("probe \(probe) does not run: \(error.reason.rawValue): \(error.message)")
        }
        for (cause, count) in reader.problems.sorted(by: { $0.key < $1.key }) {
            note("\(count) values could not be read: \(cause)")
        }
        var encoder = SnapshotEncoder()
        let format: ExpositionFormat = json ? .json : openmetrics ? .openMetrics : .prometheus
        try encoder.encode(snapshot, as: format) { (chunk) throws(SystemError) in
            try StandardStream.output.write(chunk)
        }
    }
}
