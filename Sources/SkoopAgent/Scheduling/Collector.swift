// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopModel
public import SkoopProbes
public import SkoopSystem

/// Takes snapshots of all probes at once, on threads of its own.
///
/// Every probe has a thread and a deadline: one that hangs or fails costs its own series only. Whoever asks while a
/// collection runs is answered by that one, so that any number of scrapers costs no more than one.
public final class Collector: Sendable {
    private struct Requests: Sendable {
        var waiting: [@Sendable (Collection?) -> Void] = []
        var isStopping = false
    }

    private let requests = Monitor(Requests())
    private let runners: [ProbeRunner]
    private let progress: Monitor<CollectorStatus>

    /// Starts the threads; the probes are being prepared when this returns.
    ///
    /// - Parameters:
    ///   - configuration: deadlines, limits, and which of `probes` run with which arguments.
    ///   - probes: what can run.
    ///   - environment: the host's file systems, the shared readers.
    ///   - census: finds out who is on the host.
    /// - Throws: when a thread cannot be made.
    public convenience init(
        _ configuration: Configuration, probes: [AgentProbe] = AgentProbe.all, environment: ProbeEnvironment,
        census: CensusSource
    ) throws(SystemError) {
        try self.init(configuration, probes: probes, environment: environment, census: census, backoff: .init())
    }

    convenience init(
        _ configuration: Configuration, probes: [AgentProbe], environment: ProbeEnvironment, census: CensusSource,
        backoff: ProbeRunner.Backoff
    ) throws(SystemError) {
        let turn = PreparationTurn()
        let inventory = try CensusRunner(census, deadline: configuration.metrics.deadline, turn: turn)
        try self.init(
            configuration, probes: probes, environment: environment, inventory: inventory, turn: turn, backoff: backoff)
    }

    /// How long event probes may go without a collection; some follow namespaces then that come and go.
    private static let attendance: Duration = .seconds(5)

    init(
        _ configuration: Configuration, probes: [AgentProbe], environment: ProbeEnvironment, inventory: CensusRunner,
        events: EventPipeline? = nil, analysis: AnalysisRunner.Board = Monitor(AnalysisReport()), turn: PreparationTurn,
        backoff: ProbeRunner.Backoff = .init()
    ) throws(SystemError) {
        var environment = environment
        environment.events = events?.outlet
        var runners: [ProbeRunner] = []
        for run in configuration.runs {
            guard let probe = probes.first(where: { $0.definition.name == run.settings.name }) else { continue }
            var environment = environment
            environment.arguments = run.settings.arguments
            environment.programs = ProgramLedger()
            environment.requiredSource = run.settings.source
            if !run.purpose.contains(.events) { environment.events = nil }
            runners.append(
                try ProbeRunner(
                    probe, environment: environment,
                    deadline: run.settings.deadline ?? configuration.metrics.deadline, purpose: run.purpose,
                    turn: turn, backoff: backoff))
        }
        let needsAttendance = events != nil && runners.contains { $0.purpose.contains(.events) }
        self.runners = runners
        progress = Monitor(CollectorStatus())
        let requests = requests
        let first = CollectionRound(
            runners: runners, census: inventory, configuration: configuration, progress: progress,
            events: events, analysis: analysis)
        let thread = try WorkerThread(name: "collector") {
            var round = first
            while true {
                let end = needsAttendance ? MonotonicTime.now + Self.attendance : nil
                let isWanted = requests.wait(until: end) { $0.isStopping ? false : $0.waiting.isEmpty ? nil : true }
                guard let isWanted else {
                    round.attend()
                    continue
                }
                guard isWanted else { break }
                let collection = round.collect()
                let waiting = requests.update { requests in
                    defer { requests.waiting = [] }
                    return requests.waiting
                }
                for answer in waiting { answer(collection) }
            }
            inventory.stop()
        }
        _ = consume thread
    }

    deinit { stop() }

    /// Asks for a snapshot; the one being taken now will do.
    ///
    /// - Parameter answer: called once, with nothing after ``stop()``, on a thread of the collector's or on the calling
    ///   one; it must not block.
    public func request(_ answer: @escaping @Sendable (Collection?) -> Void) {
        let isAccepted = requests.update { requests in
            guard !requests.isStopping else { return false }
            requests.waiting.append(answer)
            return true
        }
        if !isAccepted { answer(nil) }
    }

    /// Takes a snapshot and waits for it; an empty one with number 0 after ``stop()``.
    public func collect() -> Collection {
        let result = Monitor<Collection??>(nil)
        request { collection in result.update { $0 = .some(collection) } }
        // A deadline ends every part of a round, so that the answer comes.
        return result.wait { $0 }.flatMap { $0 }
            ?? Collection(snapshot: Snapshot(timestamp: 0, entities: EntityTable(node: "")), number: 0)
    }

    /// Waits until every probe has been prepared once, whether or not that succeeded.
    ///
    /// - Returns: false when the deadline passed first.
    @discardableResult
    public func waitUntilPrepared(for duration: Duration) -> Bool {
        let deadline = MonotonicTime.now + duration
        return runners.allSatisfy { runner in
            runner.status.wait(until: deadline) { $0.state == .starting ? nil : true } ?? false
        }
    }

    /// What is known of the probes, in the configured order.
    public var probes: [ProbeStatus] { runners.map { $0.status.update { $0 } } }

    /// What is known of the collections.
    public var status: CollectorStatus { progress.update { $0 } }

    /// Lets the threads end after what they are doing; requests that wait are answered with nothing.
    public func stop() {
        let waiting = requests.update { requests in
            defer { requests.waiting = [] }
            requests.isStopping = true
            return requests.waiting
        }
        for answer in waiting { answer(nil) }
        for runner in runners { runner.stop() }
    }
}
