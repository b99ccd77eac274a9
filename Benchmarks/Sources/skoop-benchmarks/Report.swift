// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Everything that was measured, as a page of documentation.
struct Report {
    var tables: [Table] = []
    var points: [SnapshotBenchmark.Point] = []
    var bars: [Bar] = []

    /// Kernel, processors and date.
    static var machine: String {
        var system = utsname()
        uname(&system)
        let release = withUnsafeBytes(of: system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let cpus = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = cpus.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
        let date = Date.now.formatted(.iso8601.year().month().day())
        return "Linux \(release), \(ProcessInfo.processInfo.activeProcessorCount) × "
            + "\(model?.trimmingCharacters(in: .whitespaces) ?? "unknown CPU"), \(date)"
    }

    /// The limits and whether they are kept.
    var barTable: Table {
        var table = Table("Limits", ["", "measured", "allowed", ""])
        table.rows = bars.map { [$0.what, $0.measured, $0.allowed, $0.kept ? "kept" : "MISSED"] }
        return table
    }

    /// Writes `Documentation/benchmarks.md` and `Documentation/benchmarks.svg`.
    func write() throws {
        var page = """
            # Benchmarks

            Written by `make bench ARGS=--markdown`; do not edit. \(Self.machine).

            Each namespace is a process with loopback and one end of a veth pair. "procfs in C" is a C loop that opens, reads
            and closes the same data's files below `/proc/<pid>/net` for one process of each namespace and parses
            nothing. The first line of each table includes finding all namespaces and processes of the host and naming
            them; the probes run one after the other. What takes less than a millisecond is repeated for as long, on both
            sides. Medians, with the least and the greatest measurement.

            ![Cost of a scrape over the number of namespaces](benchmarks.svg)

            """
        for table in tables + [barTable] { page += "\n" + table.markdown }
        try page.write(toFile: "Documentation/benchmarks.md", atomically: true, encoding: .utf8)
        try CostChart(points: points).svg.write(
            toFile: "Documentation/benchmarks.svg", atomically: true, encoding: .utf8)
        print("wrote Documentation/benchmarks.md and Documentation/benchmarks.svg")
    }
}
