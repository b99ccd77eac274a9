// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopSystem

/// A sink's thread and the queue before it.
final class SinkRunner: Sendable {
    /// What the thread and the others share.
    struct State: Sendable {
        var status: SinkStatus
        var queue: SinkQueue
        var wantsReopening = false
        /// Until when what is queued may be delivered; nil while the pipeline runs.
        var end: MonotonicTime?
        var hasEnded = false

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

    /// Starts the thread, which begins to prepare the sink at once.
    ///
    /// - Parameter capacity: how many events may wait, unless the sink has a capacity of its own.
    init(
        _ sink: PipelineSink, capacity: Int, backoff: SinkWorker.Backoff = .init(),
        log: @escaping @Sendable (String) -> Void
    ) throws(SystemError) {
        let queue = SinkQueue(sink.capacity ?? .events(capacity))
        let state = Monitor(State(status: SinkStatus(name: sink.name), queue: queue))
        self.state = state
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
