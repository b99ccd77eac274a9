// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Values of many series at the same times, as they come series by series.
struct SeriesBoard {
    /// How far apart the times are, in nanoseconds.
    let step: UInt64
    /// The times, in nanoseconds since 1970.
    let times: [UInt64]
    private var rows: [SeriesIdentity: [UInt64?]] = [:]

    init(range: ClosedRange<UInt64>, step: UInt64) {
        self.step = step
        // To the millisecond, as servers have times.
        let end = range.upperBound / 1_000_000 * 1_000_000
        let count = (end - min(end, range.lowerBound)) / max(1, step)
        times = (0...count).reversed().map { end - $0 * step }
    }

    var isEmpty: Bool { rows.isEmpty }

    /// The pods that talk to some pods, as far as the labels of series name both ends.
    func peers(of pods: [PodName]) -> Set<PodName> {
        var peers: Set<PodName> = []
        for series in rows.keys where series.metric.labels.extra == TupleLabels.names {
            let ends = [(series.labels[4], series.labels[5]), (series.labels[9], series.labels[10])]
            for (one, other) in [(ends[0], ends[1]), (ends[1], ends[0])]
            where pods.contains(where: { $0.matches(namespace: one.0, name: one.1) }) {
                if let peer = PodName("\(other.0)/\(other.1)") { peers.insert(peer) }
            }
        }
        return peers
    }

    /// Adds values at times in seconds since 1970; those of no time on the board are left out.
    mutating func add(_ series: SeriesIdentity, _ values: [(seconds: Double, value: UInt64)]) {
        guard let first = times.first else { return }
        var row = rows[series] ?? Array(repeating: nil, count: times.count)
        for (seconds, value) in values where seconds.isFinite && abs(seconds) < 1e12 {
            let position = Int(((seconds - Double(first) / 1e9) / (Double(step) / 1e9)).rounded())
            if row.indices.contains(position) { row[position] = value }
        }
        rows[series] = row
    }

    /// The snapshots of all nodes, by time.
    var snapshots: some Sequence<Snapshot> {
        times.indices.lazy.flatMap { position -> [Snapshot] in
            var assembler = SnapshotAssembler()
            for (series, values) in rows {
                if let value = values[position] { assembler.add(series, value) }
            }
            return assembler.snapshots(timestamp: times[position], node: "")
        }
    }
}
