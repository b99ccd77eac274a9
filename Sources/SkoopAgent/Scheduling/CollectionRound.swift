// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopExport
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopSystem

/// One collection after the other: inventory, probes, limits, self-metrics. Owned by the collector's thread.
struct CollectionRound: Sendable {
    private let runners: [ProbeRunner]
    private var census: CensusRunner
    private let configuration: Configuration
    private let progress: Monitor<CollectorStatus>
    private let events: EventPipeline?
    private let analysis: AnalysisRunner.Board
    private var number: UInt64 = 0
    private var seriesGuard = SeriesGuard()

    init(
        runners: [ProbeRunner], census: CensusRunner, configuration: Configuration, progress: Monitor<CollectorStatus>,
        events: EventPipeline?, analysis: AnalysisRunner.Board
    ) {
        self.events = events
        self.analysis = analysis
        self.runners = runners
        self.census = census
        self.configuration = configuration
        self.progress = progress
    }

    mutating func collect() -> Collection {
        number += 1
        let start = MonotonicTime.now
        let inventory = census.take()
        var snapshot = Snapshot(
            timestamp: SystemClock.wall,
            entities: inventory.census?.entities ?? EntityTable(node: configuration.nodeName))
        var page = PageBuilder(
            entities: snapshot.entities, seriesGuard: seriesGuard, bucketStep: configuration.metrics.bucketStep)
        let errors = zip(runners, ask(runners, inventory)).map { runner, outcome in
            page.add(runner.purpose.contains(.metrics) ? outcome : outcome.map { _ in [] })
        }
        let limited = page.apply(configuration.limits, compatNames: configuration.metrics.compatNames)
        let probes = runners.enumerated().map { position, runner in
            runner.status.update { status in
                status.succeeded = errors[position] == nil
                status.series = limited.series[position]
                if let error = errors[position] { status.error = error }
                return status
            }
        }
        let duration = MonotonicTime.now.since(start)
        let status = progress.update { status in
            status.collections = number
            status.duration = duration
            status.inventoryDuration = inventory.duration
            status.inventoryError = inventory.error
            status.namespaces = inventory.census?.inventory.namespaces.count ?? 0
            status.entities = inventory.census?.entities.entities.count ?? 0
            status.series = limited.series.reduce(0, +)
            status.cut.merge(limited.cut) { $0 + $1 }
            return status
        }
        (snapshot.families, seriesGuard) = page.finish(
            adding: SelfMetrics.families(
                probes: probes, collector: status, events: events,
                analysis: analysis.update { $0 }.families(snapshot.entities)))
        return Collection(snapshot: snapshot, number: number, cut: limited.cut)
    }

    /// Lets the probes that report events look around, when nobody has asked for metrics for a while.
    mutating func attend() {
        number += 1
        _ = ask(runners.filter { $0.purpose.contains(.events) }, census.take())
    }

    /// Asks probes at once and gathers what they deliver in time.
    private func ask(_ runners: [ProbeRunner], _ inventory: CensusRunner.Answer) -> [ProbeRunner.Outcome] {
        guard let census = inventory.census else {
            let error = inventory.error ?? ProbeError(.unreadable, "there is no inventory")
            return runners.map { _ in .failure(error) }
        }
        let board = Monitor([ProbeRunner.Outcome?](repeating: nil, count: runners.count))
        let start = MonotonicTime.now
        for (position, runner) in runners.enumerated() {
            let scrape = Scrape(number: number, census: census)
            let isAsked = runner.ask(scrape) { outcome in
                runner.status.update { $0.problems.merge(scrape.problems.all) { $0 + $1 } }
                board.update { $0[position] = outcome }
            }
            guard !isAsked else { continue }
            board.update { $0[position] = .failure(ProbeError(.deadline, "an earlier collection is still running")) }
        }
        return runners.enumerated().map { position, runner in
            if let outcome = board.wait(until: start + runner.deadline, for: { $0[position] }) { return outcome }
            runner.status.update { $0.timeouts += 1 }
            let message = "the collection was not finished within \(runner.deadline.shortText)"
            return .failure(ProbeError(.deadline, message))
        }
    }
}
