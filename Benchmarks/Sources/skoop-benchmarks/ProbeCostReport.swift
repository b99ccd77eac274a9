// SPDX-License-Identifier: Apache-2.0
import Foundation
import ProgramCost

/// The cost of all probes, as tables, Markdown, JSON and a picture.
struct ProbeCostReport: Codable {
    var machine = Report.machine
    var probes: [ProbeCost] = []
    var all: ProbeCost?
    /// Resident megabytes of an agent with everything on, at work.
    var agentMemory: Double?
    /// The most it had, while it loaded its programs.
    var agentPeak: Double?

    var tables: [Table] {
        var tables = [events, programs]
        if probes.contains(where: { !$0.with.isEmpty }) || all != nil { tables.append(others) }
        tables.append(barTable)
        return tables
    }

    private var events: Table {
        var table = Table(
            "Nanoseconds per run of a probe's programs",
            ["", "runs", "ns", "empty program, ns", "ratio", "least … greatest", "allowed"])
        for probe in probes {
            for load in probe.loads where load.runs > 0 {
                table.rows.append([
                    "\(probe.name): \(load.workload)", "\(load.runs)", decimal(load.nanoseconds, digits: 0),
                    decimal(load.empty, digits: 0), decimal(load.ratio, digits: 1) + "x",
                    "\(decimal(load.spread.0, digits: 1)) … \(decimal(load.spread.1, digits: 1))",
                    decimal(ProbeCost.allowed(probe.name), digits: 0) + "x",
                ])
            }
        }
        table.notes = [
            "A run is one passing of a hook: a packet, a call or a task passes several. Medians of rounds, with the clock of "
                + "the kernel's run statistics in both columns."
        ]
        return table
    }

    private var programs: Table {
        var table = Table(
            "Single programs, under the first load of their probe in which they ran",
            ["", "hook", "runs", "ns", "ratio", "least … greatest", "code, bytes", "verified", "missed"])
        for probe in probes {
            var seen: Set<String> = []
            for load in probe.loads {
                for program in load.active where seen.insert(program.name).inserted {
                    table.rows.append([
                        "\(probe.name): \(program.name)", program.hook, "\(program.runs)",
                        decimal(program.nanoseconds.median, digits: 0), decimal(program.ratio.median, digits: 1) + "x",
                        "\(decimal(program.ratio.least, digits: 1)) … \(decimal(program.ratio.greatest, digits: 1))",
                        "\(program.codeSize)", "\(program.verified)", "\(program.missed)",
                    ])
                }
            }
        }
        return table
    }

    private var others: Table {
        var table = Table(
            "Loading, memory, and requests per second of nginx and wrk over a veth pair",
            ["", "load and attach, ms", "maps, MB", "req/s without", "with", "change", "of which noise"])
        for probe in probes + (all.map { [$0] } ?? []) {
            let without = Samples(probe.without)
            let with = Samples(probe.with)
            let noise = without.median > 0 ? (without.greatest - without.least) / without.median * 100 : 0
            table.rows.append([
                probe.name, decimal(Samples(probe.loading).median, digits: 0),
                decimal(Double(probe.mapMemory) / 1e6, digits: 1),
                without.isEmpty ? "–" : decimal(without.median, digits: 0),
                with.isEmpty ? "–" : decimal(with.median, digits: 0),
                with.isEmpty ? "–" : signed((with.median / without.median - 1) * 100) + " %",
                without.isEmpty ? "–" : "± \(decimal(noise / 2, digits: 1)) %",
            ])
        }
        return table
    }

    private func signed(_ value: Double) -> String {
        value < 0 ? "-" + decimal(-value, digits: 1) : "+" + decimal(value, digits: 1)
    }

    var bars: [Bar] {
        var bars: [Bar] = []
        for probe in probes {
            guard let worst = probe.loads.filter({ $0.runs > 0 }).max(by: { $0.ratio < $1.ratio }) else { continue }
            let allowed = ProbeCost.allowed(probe.name)
            bars.append(
                Bar(
                    what: "\(probe.name): \(worst.workload)", measured: decimal(worst.ratio, digits: 1) + "x",
                    allowed: "≤ \(decimal(allowed, digits: 0))x", kept: worst.ratio <= allowed))
        }
        if let all {
            bars.append(.below(1000, "all probes loaded and attached", Samples(all.loading).median, unit: "ms"))
        }
        if let agentMemory { bars.append(.below(64, "agent with everything on, VmRSS", agentMemory, unit: "MB")) }
        if let agentPeak { bars.append(.below(64, "the same while it starts, VmHWM", agentPeak, unit: "MB")) }
        return bars
    }

    private var barTable: Table {
        var table = Table("Limits", ["", "measured", "allowed", ""])
        table.rows = bars.map { [$0.what, $0.measured, $0.allowed, $0.kept ? "kept" : "MISSED"] }
        return table
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(self)
    }

    /// Writes `Documentation/costs.md` and `Documentation/costs.svg`.
    func write() throws {
        var page = """
            # What the probes cost

            Written by `make bench-probes ARGS=--markdown`; do not edit. \(machine).

            Every program of a probe runs beside an empty one at the same hook for the same events, and the kernel's run
            statistics measure both. What counts is the ratio: the nanoseconds are those of one machine, and include the reading
            of the clock, as those of the empty program do. [What stands behind these figures](costs-why.md).

            ![Cost of a run in multiples of an empty program](costs.svg)

            """
        for table in tables { page += "\n" + table.markdown }
        try page.write(toFile: "Documentation/costs.md", atomically: true, encoding: .utf8)
        try ProbeCostChart(report: self).svg.write(toFile: "Documentation/costs.svg", atomically: true, encoding: .utf8)
        print("wrote Documentation/costs.md and Documentation/costs.svg")
    }
}
