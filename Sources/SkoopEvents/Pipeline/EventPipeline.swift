// SPDX-License-Identifier: Apache-2.0
public import SkoopProbes
public import SkoopSystem

/// The way of events from probes to sinks and to whoever watches.
///
/// One thread reads all sources and never waits for a sink or a census: events are folded, limited and named there, and
/// put into bounded queues. Every sink empties its own on a thread of its own. Nothing gets lost uncounted: see
/// ``ProbeEventStatus`` and ``SinkStatus``.
public final class EventPipeline: Sendable {
    private struct State: Sendable {
        var isStopping = false
        /// What events may cost from now on.
        var limits: EventLimits?
        var hasEnded = false
    }

    /// To be given to probes, in `ProbeEnvironment.events`.
    public let outlet = EventOutlet()
    /// What was reported lately, for those who watch.
    public let stream: EventStream
    private let ledger = EventLedger()
    private let sinks: SinkBoard
    private let state = Monitor(State())

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - node: the node's name.
    ///   - limits: what events may cost.
    ///   - census: says whose namespaces there are.
    ///   - cookies: makes what tells namespaces apart that had one number after the other, such as
    ///     `NamespaceCookies.look`; called on the thread that will use it. Without it the latest census says whose a number
    ///     is.
    ///   - sinks: where events go.
    ///   - log: takes a line when a sink begins to fail or works again; called on any thread.
    /// - Throws: when a thread cannot be made.
    public init(
        node: String, limits: EventLimits = EventLimits(), census: CensusBoard = CensusBoard(),
        cookies: @escaping @Sendable () -> NamespaceCookies.Look = { { nil } }, sinks: [PipelineSink] = [],
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(SystemError) {
        stream = EventStream(capacity: limits.history)
        let sinks = try SinkBoard(sinks, capacity: limits.queue, log: log)
        self.sinks = sinks
        let (outlet, stream, ledger, state) = (outlet, stream, ledger, state)
        let thread = try WorkerThread(name: "events") {
            var loop = PipelineLoop(
                stage: EventStage(node: node, limits: limits), census: census, cookies: cookies(), stream: stream,
                ledger: ledger, sinks: sinks)
            loop.run(SourceReader(outlet, ledger)) { state.update { ($0.isStopping, $0.limits.take()) } }
            state.update { $0.hasEnded = true }
        }
        _ = consume thread
    }

    deinit {
        state.update { $0.isStopping = true }
        for sink in sinks.all { sink.close(within: .zero) }
    }

    /// How every probe's events fared, by name.
    public var probes: [ProbeEventStatus] { ledger.statuses }

    /// How the sinks do, in the configured order; those that are to leave at the end.
    public var sinkStatuses: [SinkStatus] { sinks.all.map(\.status) }

    /// Exchanges limits and sinks while events come. One caller at a time.
    ///
    /// A sink that is configured as before runs on; another of its kind takes over its name, its counts and what waits for
    /// it. A sink that nothing takes over from gets no more events and has half a minute to deliver what waits for it.
    ///
    /// - Throws: when a thread cannot be made; nothing has changed then.
    public func apply(_ limits: EventLimits, sinks new: [PipelineSink]) throws(SystemError) {
        try sinks.apply(new, capacity: limits.queue)
        stream.resize(to: limits.history)
        state.update { $0.limits = limits }
    }

    /// Lets every sink open anew what it writes to.
    public func reopenSinks() {
        for sink in sinks.running { sink.reopen() }
    }

    /// Reports what is on its way, gives the sinks so long to take it, and ends the threads. Once is enough.
    public func stop(within duration: Duration = .seconds(3)) {
        let deadline = MonotonicTime.now + duration
        state.update { $0.isStopping = true }
        state.wait(until: deadline) { $0.hasEnded ? true : nil }
        for sink in sinks.all { sink.close(within: deadline.since(.now)) }
        for sink in sinks.all { sink.waitForEnd(until: deadline) }
        stream.close()
    }
}
