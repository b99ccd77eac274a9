// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopEvents
import SkoopEvidence
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
    private let orders = Monitor(Orders())

    /// What the thread is told.
    private struct Orders {
        enum Order {
            case stop
            case record([Receiver])
            case change(Configuration.AnalysisSettings, EventPipeline?)
        }

        var isStopping = false
        var receivers: [Receiver] = []
        var settings: (Configuration.AnalysisSettings, EventPipeline?)?

        /// The next thing to do, if any.
        mutating func next() -> Order? {
            if isStopping { return .stop }
            if let (settings, events) = settings {
                self.settings = nil
                return .change(settings, events)
            }
            defer { receivers = [] }
            return receivers.isEmpty ? nil : .record(receivers)
        }

        /// Who will not be served any more.
        mutating func end() -> [Receiver] {
            isStopping = true
            defer { receivers = [] }
            return receivers
        }
    }

    /// Takes a recording, or nothing where there is none.
    typealias Receiver = @Sendable ([UInt8]?) -> Void

    init(
        _ settings: Configuration.AnalysisSettings, _ board: Board, node: String, collector: Collector,
        events: EventPipeline?, available: [ProbeDefinition]
    ) throws(SystemError) {
        self.board = board
        let first = AnalysisRound(settings, node: node, events: events, available: available)
        let orders = orders
        let thread = try WorkerThread(name: "analysis") {
            var round = first
            var interval = settings.interval
            var source = FindingSource(events?.outlet)
            var next = MonotonicTime.now + interval
            while true {
                let order = orders.wait(until: min(next, MonotonicTime.now + Self.gathering)) { $0.next() }
                if case .stop? = order { break }
                if case .change(let settings, let events)? = order {
                    if !round.hasEvents { source = FindingSource(events?.outlet) }
                    let changes = round.change(settings, events)
                    source.report(changes)
                    interval = settings.interval
                    next = min(next, MonotonicTime.now + interval)
                }
                round.gather()
                if case .record(let receivers)? = order {
                    let recording = try? round.recording()
                    for receiver in receivers { receiver(recording) }
                }
                guard MonotonicTime.now >= next else { continue }
                let collection = collector.collect()
                guard collection.number > 0 else { break }
                let (report, changes) = round.look(collection.snapshot, probes: collector.probes)
                board.update { $0 = report }
                source.report(changes)
                // After a long stop one look is enough for all that were missed.
                next = max(next + interval, MonotonicTime.now)
            }
            source.end()
            for receiver in orders.update({ $0.end() }) { receiver(nil) }
        }
        _ = consume thread
    }

    deinit { stop() }

    /// Lets the thread end.
    func stop() { orders.update { $0.isStopping = true } }

    /// Goes over to other settings; what has been seen so far is kept, and so is what has been found by rules that stay.
    func change(_ settings: Configuration.AnalysisSettings, events: EventPipeline?) {
        orders.update { $0.settings = (settings, events) }
    }

    /// Asks for a recording of all that is kept.
    ///
    /// - Parameter receiver: takes it on the analysis' own thread, or on this one nothing when that has ended.
    func record(_ receiver: @escaping Receiver) {
        let isOver = orders.update { orders in
            if !orders.isStopping { orders.receivers.append(receiver) }
            return orders.isStopping
        }
        if isOver { receiver(nil) }
    }
}

/// One look after the other. Owned by the thread.
struct AnalysisRound: Sendable {
    private var analyzer: Analyzer
    private let available: [ProbeDefinition]
    private let node: String
    /// How far back a look goes, in nanoseconds.
    private var span: UInt64
    private var evidence: Evidence
    private var watch: FindingWatch
    private var cursor: EventCursor?
    private var report = AnalysisReport()
    /// Events that were too many to be read in time, and when.
    private var missed: [(time: UInt64, count: UInt64)] = []

    init(
        _ settings: Configuration.AnalysisSettings, node: String, events: EventPipeline?, available: [ProbeDefinition]
    ) {
        self.node = node
        self.available = available
        cursor = Self.cursor(events)
        analyzer = settings.analyzer
        span = settings.span
        evidence = Evidence(
            span: settings.history.wholeNanoseconds, keeping: analyzer.metrics, events: settings.events)
        watch = FindingWatch(patience: settings.patience)
    }

    /// How many snapshots are kept.
    var kept: Int { evidence.times.count }

    /// Whether it hears of events.
    var hasEvents: Bool { cursor != nil }

    private static func cursor(_ events: EventPipeline?) -> EventCursor? {
        events.map { EventCursor($0.stream, from: $0.stream.next) }
    }

    /// Goes over to other settings.
    ///
    /// - Returns: the findings that end with their rules.
    mutating func change(
        _ settings: Configuration.AnalysisSettings, _ events: EventPipeline?
    ) -> [FindingWatch.Change] {
        if cursor == nil { cursor = Self.cursor(events) }
        analyzer = settings.analyzer
        span = settings.span
        evidence.keep(
            span: settings.history.wholeNanoseconds, metrics: analyzer.metrics, events: settings.events)
        watch.patience = settings.patience
        let rules = Set(analyzer.rules.map(\.id))
        report.totals = report.totals.filter { rules.contains($0.key.rule) }
        return watch.keep(rules)
    }

    /// Adds a snapshot and what has happened since the last, and looks.
    mutating func look(
        _ snapshot: Snapshot, probes: [ProbeStatus]
    ) -> (report: AnalysisReport, changes: [FindingWatch.Change]) {
        evidence.probes = ProbeState.all(of: probes, available: available)
        evidence.add(snapshot)
        gather()
        let now = snapshot.timestamp
        // What is missing is missing as long as its time is looked at.
        missed.removeAll { $0.time + span < now }
        let count = missed.reduce(0) { $0 + $1.count }
        evidence.gaps = count == 0 ? [] : ["\(counted(count, "event was", "events were")) too many to be looked at"]
        let start = MonotonicTime.now
        let analysis = analyzer.analyze(evidence, range: (now - min(now, span))...now)
        report.duration = MonotonicTime.now.since(start)
        let changes = watch.update(analysis, now: now)
        for case .begun(let finding) in changes {
            report.totals[.init(rule: finding.rule.id, subject: finding.subject), default: 0] += 1
        }
        report.keepTotals(of: evidence.entities)
        report.latest = analysis
        report.open = watch.open
        report.ended = watch.ended
        report.count += 1
        report.byteCount = evidence.byteCount
        return (report, changes)
    }

    /// All that is kept, as a recording.
    func recording() throws(EvidenceError) -> [UInt8] {
        var writer = try RecordingWriter()
        try writer.write(facts: LocalWatch.facts(node: node), probes: evidence.probes)
        try evidence.forEachSnapshot { (snapshot) throws(EvidenceError) in try writer.write(snapshot) }
        try writer.write(evidence.events)
        return try writer.end()
    }

    /// Takes the events that were reported since the last time.
    mutating func gather() {
        while let items = cursor?.read(atMost: 1024) {
            for item in items {
                switch item {
                case .event(let event, _): if event.type.probe != AnalysisMetric.probe { evidence.add(event) }
                case .missed(let count): missed.append((SystemClock.wall, count))
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

extension Configuration.AnalysisSettings {
    fileprivate var analyzer: Analyzer { Analyzer(rules: rules.filter(\.isOfProbes)) }

    /// How far back a look goes, in nanoseconds.
    fileprivate var span: UInt64 {
        max(UInt64((analyzer.rules.map(\.window).max() ?? 60) * 2e9), 4 * interval.wholeNanoseconds)
    }

    /// For how long a finding must not be seen to end, in nanoseconds.
    fileprivate var patience: UInt64 { max(120_000_000_000, 4 * interval.wholeNanoseconds) }
}
