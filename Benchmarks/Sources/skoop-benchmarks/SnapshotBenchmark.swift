// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import SkoopProbes

/// A snapshot of all namespaces, against reading the same data from procfs in C.
struct SnapshotBenchmark: ~Copyable {
    /// What the usual way reads for a probe. tcp, udp and ip share one file, which counts once in a sum.
    private static let files: [String: ProcfsReader] = [
        "tcp": ProcfsReader(files: ["net/snmp"]),
        "udp": ProcfsReader(files: ["net/snmp"]),
        "ip": ProcfsReader(files: ["net/snmp"]),
        "tcpext": ProcfsReader(files: ["net/netstat"]),
        "tcpsummary": ProcfsReader(files: ["net/tcp", "net/tcp6"]),
        "netdev": ProcfsReader(files: ["net/dev"]),
        "sock": ProcfsReader(files: ["net/sockstat", "net/sockstat6"], hostOnly: true),
        "conntrack": ProcfsReader(files: ["net/stat/nf_conntrack"]),
        "softnet": ProcfsReader(files: ["net/softnet_stat"], hostOnly: true),
        "io": ProcfsReader(files: ["io"]),
    ]
    private static let mibs = ["tcp", "udp", "ip", "tcpext"]

    /// Probes that are measured together, and what was measured.
    private struct Line {
        let title: String
        /// How often Skoop's time has to fit into that of procfs at the largest size.
        var bar = 1.0
        var probes: ProbeSet
        var skoop: [UInt64] = []
        var procfs: [UInt64] = []
        var series = 0

        init(_ title: String, _ names: [String], bar: Double = 1) {
            self.title = title
            self.bar = bar
            probes = ProbeSet(names)
        }

        /// `nil` where procfs has no such file.
        var ratio: Double? {
            procfs.isEmpty || skoop.isEmpty ? nil : Spread(procfs).median / Spread(skoop).median
        }

        var row: [String] {
            [
                title, series > 0 ? String(series) : "", Spread(skoop).text,
                procfs.isEmpty ? "no such file" : Spread(procfs).text, ratio.map { ratioText($0, 1) } ?? "–",
                probes.sources.joined(separator: ", "),
            ]
        }
    }

    /// The cost of all default probes at one size.
    struct Point {
        let namespaces: Int
        let sockets: Int
        let skoop: Double
        let procfs: Double
    }

    private let rounds: Int
    private let sizes: [Int]
    private let sockets: Int
    private var inventory = Inventory()
    private var snapshots = SnapshotReader()
    private var whole = Line("all default probes, finding included", [], bar: 40)
    private var finding = Line("finding and naming namespaces", [])
    private var lines =
        [Line("MIBs: tcp, udp, ip and tcpext", mibs, bar: 20)]
        + ProbeRegistry.defaultNames.map { Line($0, [$0], bar: $0 == "tcpsummary" ? 300 : 1) }
    private(set) var points: [Point] = []
    private(set) var bars: [Bar] = []

    init(rounds: Int, sizes: [Int], sockets: Int) {
        self.rounds = rounds
        self.sizes = sizes
        self.sockets = sockets
    }

    /// Measures every size without and with sockets; `show` gets each table when it is complete.
    mutating func run(_ fleet: Fleet, show: (Table) -> Void) throws(BenchmarkError) {
        for size in sizes {
            try fleet.grow(to: size)
            for count in [0, sockets] {
                if count > 0 { try fleet.open(sockets: count) }
                forget()
                // Round 0 warms up both sides: buffers grow, files are opened.
                for round in 0...rounds {
                    let progress = "\(size) namespaces, \(count) sockets, round \(round)/\(rounds)"
                    try measure(fleet, progress, counted: round > 0)
                }
                Progress.clear()
                show(try table(size, count))
                judge(size, count)
                if count > 0 { try fleet.closeSockets() }
            }
        }
    }

    private mutating func forget() {
        func forget(_ line: inout Line) { (line.skoop, line.procfs) = ([], []) }
        forget(&whole)
        forget(&finding)
        for index in lines.indices { forget(&lines[index]) }
    }

    /// One round: every file, then everything at once, then every line by itself.
    private mutating func measure(_ fleet: Fleet, _ progress: String, counted: Bool) throws(BenchmarkError) {
        var procfs: [[String]: UInt64] = [:]
        for reader in Self.files.values where procfs[reader.files] == nil {
            try BenchmarkError.checkInterrupt()
            Progress.show("\(progress): /proc/<pid>/\(reader.files[0])")
            procfs[reader.files] = reader.read(fleet.processes)
        }
        Progress.show("\(progress): all probes")
        let start = bench_now()
        let series: Int
        do { series = try snapshots.read().seriesCount } catch { throw BenchmarkError("no snapshot: \(error)") }
        let all = bench_now() - start
        let finding = bench_now()
        let census = try inventory.census()
        let found = bench_now() - finding
        if counted {
            whole.series = series
            whole.skoop.append(all)
            whole.procfs.append(procfs.values.reduce(0, +))
            self.finding.skoop.append(found)
        }
        for index in lines.indices where !lines[index].probes.isEmpty {
            try BenchmarkError.checkInterrupt()
            Progress.show("\(progress): \(lines[index].title)")
            var series = 0
            let time = try Repeated.measure { () throws(BenchmarkError) in
                series = try lines[index].probes.collect(census).reduce(0) { $0 + $1.count }
            }
            guard counted else { continue }
            lines[index].skoop.append(time)
            lines[index].series = series
            let files = Set(lines[index].probes.names.compactMap { Self.files[$0]?.files })
            let cost = files.compactMap { procfs[$0] }
            if !cost.isEmpty { lines[index].procfs.append(cost.reduce(0, +)) }
        }
    }

    private mutating func table(_ size: Int, _ count: Int) throws(BenchmarkError) -> Table {
        var table = Table(
            "\(size) \(size == 1 ? "namespace" : "namespaces"), \(count) established sockets",
            ["", "series", "skoop, median (min … max)", "procfs in C", "ratio", "source"])
        table.rows = [whole.row, finding.row] + lines.filter { !$0.skoop.isEmpty }.map(\.row)
        for (name, error) in snapshots.failures.sorted(by: { $0.key < $1.key }) {
            table.notes.append("\(name) is not there: \(error.message)")
        }
        // The node's own and the one at the far ends of the veth pairs belong to every measurement.
        let strangers = try inventory.census().inventory.namespaces.count - size - 2
        if strangers > 0 { table.notes.append("\(strangers) more namespaces on this host were read by skoop only") }
        return table
    }

    /// The bars hold for the largest size.
    private mutating func judge(_ size: Int, _ count: Int) {
        let all = Spread(whole.skoop).median
        points.append(Point(namespaces: size, sockets: count, skoop: all, procfs: Spread(whole.procfs).median))
        guard size == sizes.max() else { return }
        let place = "\(size) namespaces, \(count) sockets"
        bars.append(.below(40, "\(place): all default probes", all / 1e6, unit: "ms"))
        for line in [whole] + lines {
            if let ratio = line.ratio { bars.append(.atLeast(line.bar, "\(place): procfs / \(line.title)", ratio)) }
        }
    }
}
