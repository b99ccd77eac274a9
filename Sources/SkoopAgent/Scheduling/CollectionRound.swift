// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopExport
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopSystem

/// One collection after the other: inventory, probes, limits, self-metrics. Owned by the collector's thread.
struct CollectionRound: Sendable {
    /// What is collected; replaced between two collections.
    var plan: CollectionPlan {
        didSet { census.deadline = plan.configuration.metrics.deadline }
    }
    private var census: CensusRunner
    private let progress: Monitor<CollectorStatus>
    private let boards: CollectorBoards
    private var number: UInt64 = 0
    private var seriesGuard = SeriesGuard()

    init(
        _ plan: CollectionPlan, census: CensusRunner, progress: Monitor<CollectorStatus>, boards: CollectorBoards
    ) {
        self.plan = plan
        self.census = census
        self.progress = progress
        self.boards = boards
    }

    mutating func collect() -> Collection {
        number += 1
        let start = MonotonicTime.now
        let configuration = plan.configuration
        let entries = plan.entries
        let inventory = census.take()
        var snapshot = Snapshot(
            timestamp: SystemClock.wall,
            entities: inventory.census?.entities ?? EntityTable(node: configuration.nodeName))
        var page = PageBuilder(
            entities: snapshot.entities, seriesGuard: seriesGuard, bucketStep: configuration.metrics.bucketStep)
        let errors = zip(entries, ask(entries, inventory)).map { entry, outcome in
            page.add(entry.purpose.contains(.metrics) ? outcome : outcome.map { _ in [] })
        }
        let limited = page.apply(configuration.limits, compatNames: configuration.metrics.compatNames)
        let probes = entries.enumerated().map { position, entry in
            entry.runner.status.update { status in
                status.succeeded = errors[position] == nil
                status.series = limited.series[position]
                if let error = errors[position], error != .starting { status.error = error }
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
            status.entities = inventory.census?.entities.entities.count { !$0.isNobody } ?? 0
            status.series = limited.series.reduce(0, +)
            status.cut.merge(limited.cut) { $0 + $1 }
            return status
        }
        (snapshot.families, seriesGuard) = page.finish(
            adding: SelfMetrics.families(
                probes: probes, collector: status, events: plan.events, reload: boards.reload.update { $0 },
                identity: boards.identity.wanted,
                analysis: boards.analysis.update { $0 }.families(snapshot.entities)))
        boards.log?.debug("collection \(number): \(status.series) series in \(duration.shortText)")
        return Collection(snapshot: snapshot, number: number, cut: limited.cut)
    }

    /// Lets the probes that report events look around, when nobody has asked for metrics for a while.
    mutating func attend() {
        number += 1
        _ = ask(plan.entries.filter { $0.purpose.contains(.events) }, census.take())
    }

    /// Asks probes at once and gathers what they deliver in time.
    private func ask(
        _ entries: [CollectionPlan.Entry], _ inventory: CensusRunner.Answer
    ) -> [ProbeRunner.Outcome] {
        guard let census = inventory.census else {
            let error = inventory.error ?? ProbeError(.unreadable, "there is no inventory")
            return entries.map { _ in .failure(error) }
        }
        let board = Monitor([ProbeRunner.Outcome?](repeating: nil, count: entries.count))
        let start = MonotonicTime.now
        for (position, entry) in entries.enumerated() {
            guard entry.isAskable else {
                board.update { $0[position] = .failure(.starting) }
                continue
            }
            let scrape = Scrape(number: number, census: census)
            let runner = entry.runner
            let isAsked = runner.ask(scrape) { outcome in
                runner.status.update { $0.problems.merge(scrape.problems.all) { $0 + $1 } }
                board.update { $0[position] = outcome }
            }
            guard !isAsked else { continue }
            board.update { $0[position] = .failure(ProbeError(.deadline, "an earlier collection is still running")) }
        }
        return entries.enumerated().map { position, entry in
            if let outcome = board.wait(until: start + entry.deadline, for: { $0[position] }) { return outcome }
            entry.runner.status.update { $0.timeouts += 1 }
            let message = "the collection was not finished within \(entry.deadline.shortText)"
            return .failure(ProbeError(.deadline, message))
        }
    }
}

/// What others know and the collector exports.
struct CollectorBoards: Sendable {
    var analysis: AnalysisRunner.Board = Monitor(AnalysisReport())
    var reload = Monitor(ReloadStatus())
    var identity: [any IdentitySource] = []
    var log: AgentLog?
}
