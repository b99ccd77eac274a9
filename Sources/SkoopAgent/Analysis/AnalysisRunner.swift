// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopEvents
import SkoopModel
import SkoopProbes
import SkoopSystem

/// Looks for causes again and again, on a thread of its own: takes a snapshot, adds the events since the last one, applies
/// the rules to the last minutes.
final class AnalysisRunner: Sendable {
    /// What is known; the collector exports it.
    typealias Board = Monitor<AnalysisReport>

    let board: Board
    /// How often events are taken, so that none is overwritten before the next look.
    private static let gathering: Duration = .seconds(1)
    private let isStopping = Monitor(false)

    init(
        _ settings: Configuration.AnalysisSettings, _ board: Board, collector: Collector,
        events: EventPipeline?, available: [ProbeDefinition]
    ) throws(SystemError) {
        self.board = board
        let source = FindingSource(events?.outlet)
        let first = AnalysisRound(
            Analyzer(rules: settings.rules.filter(\.isOfProbes)), settings,
            cursor: events.map { EventCursor($0.stream, from: $0.stream.next) },
            available: available)
        let isStopping = isStopping
        let thread = try WorkerThread(name: "analysis") {
            var round = first
            var next = MonotonicTime.now + settings.interval
            while isStopping.wait(until: min(next, MonotonicTime.now + Self.gathering), for: { $0 ? true : nil }) == nil
            {
                round.gather()
                guard MonotonicTime.now >= next else { continue }
                let collection = collector.collect()
                guard collection.number > 0 else { break }
                let (report, changes) = round.look(collection.snapshot, probes: collector.probes)
                board.update { $0 = report }
                source.report(changes)
                // After a long stop one look is enough for all that were missed.
                next = max(next + settings.interval, MonotonicTime.now)
            }
            source.end()
        }
        _ = consume thread
    }

    deinit { stop() }

    /// Lets the thread end.
    func stop() { isStopping.update { $0 = true } }
}

/// One look after the other. Owned by the thread.
struct AnalysisRound: Sendable {
    private let analyzer: Analyzer
    private let available: [ProbeDefinition]
    /// How far back a look goes, in nanoseconds.
    private let span: UInt64
    private let history: UInt64
    private var evidence: Evidence
    private var watch: FindingWatch
    private var cursor: EventCursor?
    private var report = AnalysisReport()
    /// Events since the last look that were too many to be read in time.
    private var missed: UInt64 = 0

    init(
        _ analyzer: Analyzer, _ settings: Configuration.AnalysisSettings, cursor: EventCursor?,
        available: [ProbeDefinition]
    ) {
        self.analyzer = analyzer
        self.available = available
        self.cursor = cursor
        history = settings.history.wholeNanoseconds
        let interval = settings.interval.wholeNanoseconds
        span = max(UInt64((analyzer.rules.map(\.window).max() ?? 60) * 2e9), 4 * interval)
        evidence = Evidence(span: history, keeping: analyzer.metrics, events: settings.events)
        watch = FindingWatch(patience: max(120_000_000_000, 4 * interval))
    }

    /// Adds a snapshot and what has happened since the last, and looks.
    mutating func look(
        _ snapshot: Snapshot, probes: [ProbeStatus]
    ) -> (report: AnalysisReport, changes: [FindingWatch.Change]) {
        evidence.probes = ProbeState.all(of: probes, available: available)
        evidence.add(snapshot)
        gather()
        evidence.gaps = missed == 0 ? [] : ["\(missed) events were too many to be looked at"]
        missed = 0
        let now = snapshot.timestamp
        let start = MonotonicTime.now
        let analysis = analyzer.analyze(evidence, range: (now - min(now, span))...now)
        report.duration = MonotonicTime.now.since(start)
        let changes = watch.update(analysis, now: now)
        for case .begun(let finding) in changes {
            report.totals[.init(rule: finding.rule.id, subject: finding.subject), default: 0] += 1
        }
        report.latest = analysis
        report.open = watch.open
        report.ended = watch.ended
        report.count += 1
        report.byteCount = evidence.byteCount
        return (report, changes)
    }

    /// Takes the events that were reported since the last time.
    mutating func gather() {
        while let items = cursor?.read(atMost: 1024) {
            for item in items {
                switch item {
                case .event(let event, _): if event.type.probe != AnalysisMetric.probe { evidence.add(event) }
                case .missed(let count): missed += count
                }
            }
        }
    }
}

extension Rule {
    /// Whether probes alone can tell; nobody has given the agent a log.
    fileprivate var isOfProbes: Bool {
        !condition.tests.contains {
            $0.quantity.measures.contains { measure in
                measure.metrics.contains { $0.probe == AccessMetric.probe }
            }
        }
    }
}
