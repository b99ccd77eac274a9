// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopSystem
import Synchronization

/// A sink's thread and the queue before it.
final class SinkRunner: Sendable {
    /// What the thread and the others share.
    struct State: Sendable {
        var status: SinkStatus
        var queue: SinkQueue
        var wantsReopening = false
        /// What takes over from the sink.
        var successor: PipelineSink?
        /// Until when what is queued may be delivered; nil while the pipeline runs.
        var end: MonotonicTime?
        var hasEnded = false

        /// Whether the thread has something else to do than to wait for events.
        var isCalled: Bool { end != nil || successor != nil }

        /// Takes so many of the events being delivered out of the queue, because they arrived.
        mutating func deliver(_ count: Int) {
            status.probes.count(queue.removeFirst(count)) { tally, count in
                tally.queued -= count
                tally.delivered += count
            }
        }

        /// Takes so many of the events being delivered out of the queue, because they are lost.
        mutating func lose(_ count: Int, cause: String) { lose(queue.removeFirst(count), cause: cause) }

        /// Takes everything out of the queue because it is lost.
        mutating func loseAll(cause: String) { lose(queue.removeAll()[...], cause: cause) }

        /// Counts events that are in the queue no longer as lost.
        mutating func lose(_ events: ArraySlice<Event>, cause: String) {
            status.probes.count(events) { tally, count in
                tally.queued -= count
                tally.lost[cause, default: 0] += count
            }
        }
    }

    private let state: Monitor<State>
    /// The sink's name, which its successors inherit.
    let name: String
    private let latest: Mutex<PipelineSink>

    /// Starts the thread, which begins to prepare the sink at once.
    ///
    /// - Parameters:
    ///   - sink: what to prepare.
    ///   - capacity: how many events may wait, unless the sink has a capacity of its own.
    ///   - former: what one of the same name had counted before it ended.
    ///   - backoff: when to try again.
    ///   - log: takes a line when the sink begins to fail or works again.
    init(
        _ sink: PipelineSink, capacity: Int, continuing former: SinkStatus? = nil,
        backoff: SinkWorker.Backoff = .init(),
        log: @escaping @Sendable (String) -> Void
    ) throws(SystemError) {
        let queue = SinkQueue(sink.capacity ?? .events(capacity))
        var status = SinkStatus(name: sink.name)
        if let former {
            status.probes = former.probes
            status.failures = former.failures
            status.retries = former.retries
        }
        let state = Monitor(State(status: status, queue: queue))
        self.state = state
        name = sink.name
        latest = Mutex(sink)
        let thread = try WorkerThread(name: "sink-\(sink.name)") {
            var worker = SinkWorker(sink, state: state, backoff: backoff, log: log)
            worker.run()
            state.update { state in
                let cause = state.status.state == .failed ? state.status.error?.reason.rawValue : nil
                state.loseAll(cause: cause ?? "stopped")
                state.hasEnded = true
            }
        }
        _ = consume thread
    }

    /// The sink as it is configured.
    var sink: PipelineSink { latest.withLock { $0 } }

    /// Whether nothing will be delivered any more.
    var hasEnded: Bool { state.update { $0.hasEnded } }

    /// Lets another sink take over name, queue and counts; what is being delivered is delivered or offered to that one.
    func replace(by sink: PipelineSink) {
        latest.withLock { $0 = sink }
        state.update { $0.successor = sink }
    }

    /// Lets so many events wait, unless the sink has a capacity of its own.
    func limit(to capacity: Int) {
        let capacity = sink.capacity ?? .events(capacity)
        state.update { $0.queue.capacity = capacity }
    }

    /// How the sink does.
    var status: SinkStatus { state.update { $0.status } }

    /// Whether a batch was handed out that is not settled.
    var isDelivering: Bool { state.update { $0.queue.isDelivering } }

    /// Puts events into the queue as far as there is room; never waits.
    func offer(_ events: [Event]) {
        state.update { state in
            state.status.probes.count(events) { tally, count in
                tally.offered += count
                tally.queued += count
            }
            if state.hasEnded {
                let cause = state.status.state == .failed ? state.status.error?.reason.rawValue : nil
                state.lose(events[...], cause: cause ?? "stopped")
            } else {
                let (lost, cause) = state.queue.append(events)
                state.lose(lost, cause: cause)
            }
        }
    }

    /// Lets the sink open anew what it writes to.
    func reopen() { state.update { $0.wantsReopening = true } }

    /// Lets the thread end when the queue is empty, at the latest after so long.
    func close(within duration: Duration) {
        let end = MonotonicTime.now + duration
        state.update { $0.end = min($0.end ?? end, end) }
    }

    /// Waits for the end of the thread; one that hangs is left behind.
    func waitForEnd(until deadline: MonotonicTime) { state.wait(until: deadline) { $0.hasEnded ? true : nil } }
}
