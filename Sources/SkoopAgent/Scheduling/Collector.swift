// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopModel
public import SkoopProbes
public import SkoopSystem
import Synchronization

/// Takes snapshots of all probes at once, on threads of its own.
///
/// Every probe has a thread and a deadline: one that hangs or fails costs its own series only. Whoever asks while a
/// collection runs is answered by that one, so that any number of scrapers costs no more than one.
public final class Collector: Sendable {
    private struct Requests: Sendable {
        var waiting: [@Sendable (Collection?) -> Void] = []
        var isStopping = false
        /// What is to be collected from the next collection on.
        var plan: CollectionPlan?

        enum Order {
            case stop, collect, follow(CollectionPlan)
        }

        /// What the thread does next; nothing where there is nothing to do.
        mutating func order() -> Order? {
            if isStopping { return .stop }
            if let plan = plan.take() { return .follow(plan) }
            return waiting.isEmpty ? nil : .collect
        }
    }

    private let requests = Monitor(Requests())
    /// What is collected, or will be with the next collection.
    private let current: Mutex<CollectionPlan>
    private let progress = Monitor(CollectorStatus())
    private let starter: ProbeStarter

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
        events: EventPipeline? = nil, boards: CollectorBoards = CollectorBoards(), turn: PreparationTurn,
        backoff: ProbeRunner.Backoff = .init()
    ) throws(SystemError) {
        starter = ProbeStarter(probes: probes, environment: environment, turn: turn, backoff: backoff)
        let plan = try starter.plan(configuration, events: events)
        current = Mutex(plan)
        let requests = requests
        let first = CollectionRound(plan, census: inventory, progress: progress, boards: boards)
        let thread = try WorkerThread(name: "collector") {
            var round = first
            while true {
                let end = round.plan.needsAttendance ? MonotonicTime.now + Self.attendance : nil
                let order = requests.wait(until: end) { $0.order() }
                if case .follow(let plan)? = order {
                    round.plan = plan
                    // Waiting changes the state but wakes nobody.
                    requests.update { _ in }
                    continue
                }
                if case .stop? = order { break }
                guard case .collect? = order else {
                    round.attend()
                    continue
                }
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

    /// Collects as another configuration says from the next collection on. One caller at a time.
    ///
    /// Probes that stay what they are run on. One that changes is gone before it begins anew; a collection does without it
    /// until it is ready.
    ///
    /// - Throws: when a thread cannot be made; nothing has changed then.
    func apply(_ configuration: Configuration, events: EventPipeline?) throws(SystemError) -> ProbeChange {
        let old = current.withLock { $0.entries }
        let go = Monitor<Bool?>(nil)
        let (plan, change) = try starter.follow(old, configuration, events: events, when: go)
        current.withLock { $0 = plan }
        for entry in plan.entries { entry.runner.status.update { $0.purpose = entry.purpose } }
        requests.update { $0.plan = plan }
        // A collection that has begun still asks the old ones.
        requests.wait(until: .now + .seconds(130)) { $0.plan == nil || $0.isStopping ? true : nil }
        for entry in old where !plan.entries.contains(where: { $0.runner === entry.runner }) { entry.runner.stop() }
        go.update { $0 = true }
        if requests.update({ $0.isStopping }) { stop() }
        return change
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

    /// The probes' threads, in the configured order.
    var runners: [ProbeRunner] { current.withLock { $0.entries.map(\.runner) } }

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
