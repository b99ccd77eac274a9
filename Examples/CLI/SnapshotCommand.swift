// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SkoopAgent
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
        let format: ExpositionFormat = json ? .json : openmetrics ? .openMetrics : .prometheus
        try LocalSnapshot(probes, node: node).write(as: format, log: note) { (chunk) throws(SystemError) in
            try StandardStream.output.write(chunk)
        }
    }
}
