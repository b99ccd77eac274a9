// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopSystem

/// A sink's thread and the queue before it.
final class SinkRunner: Sendable {
    /// What the thread and the others share.
    struct State: Sendable {
        var status: SinkStatus
        var queue = SinkQueue()
        var wantsReopening = false
        /// Until when what is queued may be delivered; nil while the pipeline runs.
        var end: MonotonicTime?
        var hasEnded = false

        /// Forgets events of the queue's beginning.
        mutating func lose(_ count: Int, cause: String) {
            queue.removeFirst(count)
            status.queued = queue.count
            if count > 0 { status.lost[cause, default: 0] += UInt64(count) }
        }
    }

    private let state: Monitor<State>
    private let capacity: Int

    /// Starts the thread, which begins to prepare the sink at once.
    init(
        _ sink: PipelineSink, capacity: Int, backoff: SinkWorker.Backoff = .init(),
        log: @escaping @Sendable (String) -> Void
    ) throws(SystemError) {
        self.capacity = capacity
        let state = Monitor(State(status: SinkStatus(name: sink.name)))
        self.state = state
        let thread = try WorkerThread(name: "sink-\(sink.name)") {
            var worker = SinkWorker(sink, state: state, backoff: backoff, log: log)
            worker.run()
            state.update { state in
                let cause = state.status.state == .failed ? state.status.error?.reason.rawValue : nil
                state.lose(state.queue.count, cause: cause ?? "stopped")
                state.hasEnded = true
            }
        }
        _ = consume thread
    }

    /// How the sink does.
    var status: SinkStatus { state.update { $0.status } }

    /// Puts events into the queue as far as there is room; never waits.
    func offer(_ events: [Event]) {
        state.update { state in
            state.status.offered += UInt64(events.count)
            let cause: String
            var room = 0
            if state.hasEnded {
                cause = state.status.state == .failed ? state.status.error?.reason.rawValue ?? "stopped" : "stopped"
            } else {
                cause = "queue-full"
                room = min(events.count, capacity - state.queue.count)
                if room > 0 { state.queue.append(events[..<room]) }
            }
            if room < events.count { state.status.lost[cause, default: 0] += UInt64(events.count - room) }
            state.status.queued = state.queue.count
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
