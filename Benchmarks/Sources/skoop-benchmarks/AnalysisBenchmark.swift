// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import Foundation
import SkoopAnalysis
import SkoopModel
import SkoopProbes

/// What it costs to look for causes: an hour of many pods under all built-in rules.
struct AnalysisBenchmark {
    let rounds: Int
    private let analyzer = Analyzer()

    init(rounds: Int) { self.rounds = rounds }

    private var loads: [AnalysisLoad] {
        [
            AnalysisLoad(
                "default probes", metrics: Set(ProbeRegistry.defaultNames),
                events: Set(ProbeRegistry.defaultEventNames), analyzer.rules),
            AnalysisLoad(
                "every probe", metrics: Set(Catalogue.metrics.map(\.probe)), events: Set(Catalogue.events.map(\.probe)),
                analyzer.rules),
        ]
    }

    /// What an agent takes without the history, in megabytes; see ``AgentBenchmark``.
    private static let agent = 28.0

    /// What an hour of a load takes and costs.
    private struct Outcome {
        var adding: [UInt64] = []
        var look: [UInt64] = []
        var hour: [UInt64] = []
        /// Megabytes that malloc has given out for it.
        var size = 0.0
        var kept = 0
        var findings = 0

        /// Of one core, looked as often as an agent does.
        var share: Double {
            (Spread(adding).median + Spread(look).median) / Double(AnalysisLoad.interval * 1_000_000_000) * 100
        }
    }

    func run() throws -> (table: Table, bars: [Bar]) {
        var table = Table(
            "Looking for causes: \(analyzer.rules.count) rules, \(AnalysisLoad.pods) pods, a snapshot every "
                + "\(AnalysisLoad.interval) s for an hour, \(AnalysisLoad.events) events",
            ["", "series served", "adding a snapshot", "one look", "of one core", "the whole hour", "memory"])
        var bars: [Bar] = []
        for load in loads {
            let outcome = try measure(load)
            table.rows.append([
                load.title, "\(load.seriesCount)", Spread(outcome.adding).text, Spread(outcome.look).text,
                "\(decimal(outcome.share, digits: 2)) %", Spread(outcome.hour).text,
                "\(decimal(outcome.size, digits: 1)) MB",
            ])
            table.notes.append(
                "\(load.title): \(outcome.kept) series are kept, \(outcome.findings) causes are found in the hour. Beside an "
                    + "agent of \(Int(Self.agent)) MB, \(Int(min(60 * (64 - Self.agent) / outcome.size, 1440))) minutes fit "
                    + "into 64 MB.")
            let who = "\(AnalysisLoad.pods) pods, \(load.title)"
            bars += [
                .below(300, "all rules over an hour of \(who)", Spread(outcome.hour).median / 1e6, unit: "ms"),
                .below(1, "continuous analysis of \(who), of one core", outcome.share, unit: "%"),
            ]
            if load.isDefault {
                bars.append(.below(64 - Self.agent, "history of an hour of \(who)", outcome.size, unit: "MB"))
            }
        }
        table.notes.append(
            "Every other pod is busy: its traffic changes with each snapshot. Every twentieth is in trouble. Times are those "
                + "of a CPU. One look is what an agent does after each snapshot, \(window / 1_000_000_000) s back.")
        return (table, bars)
    }

    /// How far back an agent looks, in nanoseconds.
    private var window: UInt64 { UInt64((analyzer.rules.map(\.window).max() ?? 60) * 2e9) }

    private func measure(_ load: AnalysisLoad) throws -> Outcome {
        var numbers: any RandomNumberGenerator = SystemRandomNumberGenerator()
        var outcome = Outcome()
        let steps = Int(3600 / AnalysisLoad.interval)
        let before = bench_allocated()
        var evidence = Evidence(keeping: analyzer.metrics, events: AnalysisLoad.events)
        for step in 0...steps {
            if step % 20 == 0 {
                try BenchmarkError.checkInterrupt()
                Progress.show("an hour of \(AnalysisLoad.pods) pods: \(step)/\(steps)")
            }
            let snapshot = load.snapshot(step, &numbers)
            let events = load.events(step, of: steps)
            outcome.adding.append(
                elapsed {
                    evidence.add(snapshot)
                    for event in events { evidence.add(event) }
                })
        }
        outcome.size = Double(bench_allocated() - before) / 1e6
        outcome.kept = evidence.seriesCount
        guard let range = evidence.range else { throw BenchmarkError("there is no evidence") }
        let last = (range.upperBound - window)...range.upperBound
        for round in 1...max(rounds, 5) {
            try BenchmarkError.checkInterrupt()
            Progress.show("looking for causes \(round)")
            outcome.hour.append(elapsed { outcome.findings = analyzer.analyze(evidence).findings.count })
            outcome.look.append(elapsed { _ = analyzer.analyze(evidence, range: last) })
        }
        Progress.clear()
        return outcome
    }

    /// What it costs a core, which is how long it takes unless others keep the CPUs.
    private func elapsed(_ work: () -> Void) -> UInt64 {
        let start = bench_spent()
        work()
        return bench_spent() - start
    }
}
