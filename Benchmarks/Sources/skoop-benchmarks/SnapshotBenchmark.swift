// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import SkoopAgent
import SkoopProbes

/// A snapshot of all namespaces, against reading the same data from procfs in C.
struct SnapshotBenchmark {
    /// What the usual way reads for a probe. tcp, udp and ip share one file, so it counts once in a sum.
    private static let files: [String: ProcfsReader] = [
        "tcp": ProcfsReader(files: ["net/snmp"]),
        "udp": ProcfsReader(files: ["net/snmp"]),
        "ip": ProcfsReader(files: ["net/snmp"]),
        "tcpext": ProcfsReader(files: ["net/netstat"]),
        "tcpsummary": ProcfsReader(files: ["net/tcp", "net/tcp6"]),
        "netdev": ProcfsReader(files: ["net/dev"]),
        "sock": ProcfsReader(files: ["net/sockstat", "net/sockstat6"]),
        "conntrack": ProcfsReader(files: ["net/stat/nf_conntrack"]),
        "softnet": ProcfsReader(files: ["net/softnet_stat"], hostOnly: true),
        "io": ProcfsReader(files: ["io"]),
    ]
    private static let probes = Configuration.defaultProbes
    private static let groups =
        [("all default probes", probes), ("MIBs: tcp, udp, ip, tcpext", ["tcp", "udp", "ip", "tcpext"])]
        + probes.map { ($0, [$0]) }

    /// One line of a table.
    private struct Line {
        let title: String
        let names: [String]
        var set: ProbeSet
        var skoop: [UInt64] = []
        var procfs: [UInt64] = []
        var series = 0

        /// How often Skoop's time fits into that of procfs; `nil` where procfs has no such file.
        var ratio: Double? { procfs.isEmpty ? nil : Spread(procfs).median / Spread(skoop).median }
    }

    /// The cost of all default probes at one size.
    struct Point {
        let namespaces: Int
        let sockets: Int
        let skoop: Double
        let procfs: Double
    }

    let rounds: Int
    let sizes: [Int]
    let sockets: Int
    private var inventory = Inventory()
    private(set) var tables: [Table] = []
    private(set) var points: [Point] = []
    private(set) var bars: [Bar] = []

    init(rounds: Int, sizes: [Int], sockets: Int) {
        self.rounds = rounds
        self.sizes = sizes
        self.sockets = sockets
    }

    /// Measures every size without and with sockets; `show` gets each table when it is complete.
    mutating func run(_ fleet: Fleet, show: (Table) -> Void) throws(BenchmarkError) {
        var lines = Self.groups.map { Line(title: $0.0, names: $0.1, set: ProbeSet($0.1)) }
        for size in sizes {
            try fleet.grow(to: size)
            for count in [0, sockets] {
                if count > 0 { try fleet.open(sockets: count) }
                try measure(&lines, fleet, size, count)
                if count > 0 { try fleet.closeSockets() }
                var table = table(lines, size, count)
                let strangers = try strangers(size)
                if strangers > 0 {
                    table.notes.append("and \(strangers) more namespaces on this host, read by skoop only")
                }
                tables.append(table)
                show(table)
                judge(lines, size, count)
            }
        }
    }

    /// Namespaces of others cost Skoop time that the C reader does not spend.
    private func strangers(_ size: Int) throws(BenchmarkError) -> Int {
        var inventory = inventory
        // The node's own and the one at the far ends of the veth pairs belong to every measurement.
        return try inventory.census().inventory.namespaces.count - size - 2
    }

    private mutating func measure(
        _ lines: inout [Line], _ fleet: Fleet, _ size: Int, _ count: Int
    ) throws(BenchmarkError) {
        for index in lines.indices { (lines[index].skoop, lines[index].procfs) = ([], []) }
        // Round 0 warms up both sides: buffers grow, files are opened, and it is not counted.
        for round in 0...rounds {
            var read: [[String]: UInt64] = [:]
            for reader in Self.files.values where read[reader.files] == nil {
                try BenchmarkError.checkInterrupt()
                Progress.show("\(size) namespaces, \(count) sockets, round \(round)/\(rounds): \(reader.files[0])")
                read[reader.files] = reader.read(fleet.processes)
            }
            for index in lines.indices where !lines[index].set.isEmpty {
                try BenchmarkError.checkInterrupt()
                Progress.show("\(size) namespaces, \(count) sockets, round \(round)/\(rounds): \(lines[index].title)")
                // Who is here is found out once per scrape, whatever the probes.
                let start = bench_now()
                let census = try inventory.census()
                let counted = bench_now()
                let families = try lines[index].set.collect(census)
                let end = bench_now()
                let time = end - (index == 0 ? start : counted)
                guard round > 0 else { continue }
                lines[index].skoop.append(time)
                lines[index].series = families.reduce(0) { $0 + $1.count }
                let files = Set(lines[index].names.compactMap { Self.files[$0]?.files })
                let cost = files.compactMap { read[$0] }
                if !cost.isEmpty { lines[index].procfs.append(cost.reduce(0, +)) }
            }
        }
        Progress.clear()
    }

    private func table(_ lines: [Line], _ size: Int, _ count: Int) -> Table {
        var table = Table(
            "\(size) \(size == 1 ? "namespace" : "namespaces"), \(count) established sockets",
            ["", "series", "skoop, median (min … max)", "procfs in C", "ratio", "source"])
        for line in lines where !line.skoop.isEmpty {
            table.rows.append([
                line.title, String(line.series), Spread(line.skoop).text,
                line.procfs.isEmpty ? "no such file" : Spread(line.procfs).text,
                line.ratio.map { ratioText($0, 1) } ?? "–", line.set.sources.joined(separator: ", "),
            ])
        }
        for (name, error) in lines[0].set.unavailable.sorted(by: { $0.key < $1.key }) {
            table.notes.append("\(name): \(error.message)")
        }
        return table
    }

    /// The bars hold for the largest size.
    private mutating func judge(_ lines: [Line], _ size: Int, _ count: Int) {
        let all = Spread(lines[0].skoop).median
        if let ratio = lines[0].ratio {
            points.append(Point(namespaces: size, sockets: count, skoop: all, procfs: all * ratio))
        }
        guard size == sizes.max() else { return }
        let place = "\(size) namespaces, \(count) sockets"
        bars.append(.below(40, "\(place): all default probes", all / 1e6, unit: "ms"))
        for (index, line) in lines.enumerated() {
            guard let ratio = line.ratio else { continue }
            let limit: Double = index == 0 ? 40 : index == 1 ? 20 : line.title == "tcpsummary" ? 300 : 1
            bars.append(.atLeast(limit, "\(place): \(line.title), procfs / skoop", ratio))
        }
    }
}
