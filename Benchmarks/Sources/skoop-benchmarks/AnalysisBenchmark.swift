// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import Foundation
import SkoopAnalysis
import SkoopModel

/// What it costs to look for causes: an hour of many pods under all built-in rules.
struct AnalysisBenchmark {
    let rounds: Int
    static let pods = 500
    /// Seconds between snapshots, as an agent takes them.
    static let interval: UInt64 = 15
    private static let start: UInt64 = 1_700_000_000_000_000_000
    private let analyzer = Analyzer()
    private let table: EntityTable

    init(rounds: Int) {
        self.rounds = rounds
        var table = EntityTable(node: "node")
        for pod in 0..<Self.pods {
            table.append(
                Entity(
                    kind: .pod, namespace: NamespaceID(rawValue: UInt64(1000 + pod)), podNamespace: "default",
                    podName: "pod-\(pod)"))
        }
        self.table = table
    }

    /// Of what the rules name: a third of the series of every other pod changes with every snapshot, the rest never does.
    private func snapshot(_ step: Int, _ numbers: inout any RandomNumberGenerator) -> Snapshot {
        var families: [Family] = []
        for (place, metric) in series.enumerated() {
            var family = Family(metric, reserving: Self.pods + 1)
            for entity in 0...Self.pods {
                let changes = place % 3 == 0 && entity % 2 == 0
                let index = EntityTable.Index(entity)
                if let buckets = metric.buckets {
                    var counts = [UInt64](repeating: 0, count: buckets.width)
                    counts[min(6, counts.count - 1)] = changes ? UInt64(step * 3) : 5
                    family.append(sum: 1, counts: counts, for: index)
                } else if metric.kind == .counter {
                    family.append(changes ? UInt64(step * 100) : 5, for: index)
                } else {
                    family.append(changes ? UInt64.random(in: 100...120, using: &numbers) : 5, for: index)
                }
            }
            families.append(family)
        }
        return Snapshot(
            timestamp: Self.start + UInt64(step) * Self.interval * 1_000_000_000, entities: table, families: families)
    }

    /// Metrics of the rules that need no labels beyond the entity's.
    private var series: [Metric] {
        analyzer.metrics.filter { $0.labels.extra.isEmpty }.sorted { $0.name < $1.name }
    }

    func run() throws -> (table: Table, bars: [Bar]) {
        var numbers: any RandomNumberGenerator = SystemRandomNumberGenerator()
        var evidence = Evidence(keeping: analyzer.metrics)
        var adding: [UInt64] = []
        let steps = Int(3600 / Self.interval)
        let before = try AgentBenchmark.memory(getpid(), "VmRSS")
        for step in 0...steps {
            if step % 20 == 0 {
                try BenchmarkError.checkInterrupt()
                Progress.show("an hour of \(Self.pods) pods: \(step)/\(steps)")
            }
            let snapshot = snapshot(step, &numbers)
            adding.append(elapsed { evidence.add(snapshot) })
        }
        let grown = try AgentBenchmark.memory(getpid(), "VmRSS") - before
        guard let range = evidence.range else { throw BenchmarkError("there is no evidence") }
        let window = UInt64((analyzer.rules.map(\.window).max() ?? 60) * 2e9)
        let last = (range.upperBound - window)...range.upperBound
        var hour: [UInt64] = []
        var look: [UInt64] = []
        for round in 1...max(rounds, 5) {
            try BenchmarkError.checkInterrupt()
            Progress.show("looking for causes \(round)")
            hour.append(elapsed { _ = analyzer.analyze(evidence) })
            look.append(elapsed { _ = analyzer.analyze(evidence, range: last) })
        }
        Progress.clear()
        var table = Table(
            "Looking for causes: \(analyzer.rules.count) rules, \(Self.pods) pods, \(series.count) series each, "
                + "a snapshot every \(Self.interval) s",
            ["", "time"])
        table.rows = [
            ["adding a snapshot", Spread(adding).text],
            ["one look of an agent, \(window / 1_000_000_000) s back", Spread(look).text],
            ["the whole hour", Spread(hour).text],
        ]
        let megabytes = Double(evidence.byteCount) / 1e6
        table.notes.append(
            "A third of the series of every other pod changes with each snapshot. The hour takes "
                + "\(decimal(megabytes, digits: 1)) MB, and this process has grown by \(decimal(grown, digits: 1)) MB.")
        let share = (Spread(adding).median + Spread(look).median) / Double(Self.interval * 1_000_000_000) * 100
        return (
            table,
            [
                .below(300, "all rules over an hour of \(Self.pods) pods", Spread(hour).median / 1e6, unit: "ms"),
                .below(1, "continuous analysis, of one core", share, unit: "%"),
            ]
        )
    }

    private func elapsed(_ work: () -> Void) -> UInt64 {
        let start = bench_now()
        work()
        return bench_now() - start
    }
}
