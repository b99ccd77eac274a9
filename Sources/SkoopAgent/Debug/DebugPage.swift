// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopProbes

/// The page at `/debug`: what the programs of every probe do and cost, how full their maps are, what was lost. Plain text,
/// for a terminal.
struct DebugPage {
    /// Up to how many entries of a map are counted, which bounds what looking at the page costs.
    static let countedEntries = 4096

    /// A probe and what the kernel tells of its programs.
    var probes: [(name: String, details: ProgramDetails, missed: UInt64)]
    /// How events fare; `nil` where there are none.
    var events: EventStatus?
    /// Why runs are not measured; `nil` where they are.
    var hindrance: String?

    var text: String {
        var text = "Programs. Runs and times are those of debug mode.\n"
        if let hindrance { text = "Programs. Runs are not measured: \(hindrance)\n" }
        text +=
            "\n"
            + Self.table(
                ["probe", "program", "runs", "ns/run", "left out", "verified", "bytes", "hook"], left: [0, 1, 7],
                probes.flatMap { probe in
                    probe.details.programs.map { program in
                        [
                            probe.name, program.name, "\(program.runs)", Self.average(program), "\(program.missed)",
                            "\(program.verifiedInstructions)", "\(program.codeSize)",
                            program.hooks.isEmpty ? "-" : program.hooks.joined(separator: ", "),
                        ]
                    }
                })
        text += "\nMaps. Up to \(Self.countedEntries) entries are counted; of an array all are always there.\n\n"
        text += Self.table(
            ["probe", "map", "kind", "entries", "of", "fill", "bytes/entry"], left: [0, 1, 2],
            probes.flatMap { probe in
                probe.details.maps.map { map in
                    [
                        probe.name, map.name, map.kind, map.entries.map { "\($0)\(map.hasMore ? "+" : "")" } ?? "-",
                        "\(map.capacity)", Self.fill(map), "\(map.entrySize)",
                    ]
                }
            })
        guard let events else { return text + "\nEvents: nobody wants any.\n" }
        text += "\nEvents.\n\n"
        text += Self.table(
            ["probe", "emitted", "reported", "pending", "lost"], left: [0, 4],
            events.probes.map { [$0.probe, "\($0.emitted)", "\($0.reported)", "\($0.pending)", Self.causes($0.lost)] })
        text += "\nSinks.\n\n"
        text += Self.table(
            ["sink", "state", "offered", "delivered", "queued", "lost"], left: [0, 1, 5],
            events.sinks.map {
                [
                    $0.name, $0.state.rawValue, "\($0.offered)", "\($0.delivered)", "\($0.queued)",
                    Self.causes($0.lost),
                ]
            })
        return text
    }

    private static func average(_ program: ProgramDetails.Program) -> String {
        program.runs > 0 ? "\(program.runTime.wholeNanoseconds / program.runs)" : "-"
    }

    private static func fill(_ map: ProgramDetails.Map) -> String {
        guard let entries = map.entries, map.capacity > 0 else { return "-" }
        return "\(map.hasMore ? ">" : "")\(entries * 100 / map.capacity) %"
    }

    private static func causes(_ lost: [String: UInt64]) -> String {
        lost.isEmpty ? "0" : lost.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    /// Columns as wide as what is in them; those not in `left` end at their right edge.
    static func table(_ head: [String], left: Set<Int>, _ rows: [[String]]) -> String {
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.count)
                line += (column == 0 ? "" : "  ") + (left.contains(column) ? cell + space : space + cell)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
