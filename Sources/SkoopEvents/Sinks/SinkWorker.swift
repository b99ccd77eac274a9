// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopSystem

/// The part of a sink's thread: makes the sink, gathers batches for it, and repeats what did not work.
struct SinkWorker {
    /// How long to wait after the first and the last of several failures.
    struct Backoff: Sendable {
        var first: Duration = .milliseconds(250)
        var longest: Duration = .seconds(30)
    }

    private var sink: PipelineSink
    private let state: Monitor<SinkRunner.State>
    private let backoff: Backoff
    private let log: @Sendable (String) -> Void
    private var instance: (any Sink)?
    private var delay: Duration
    private var nextLine = MonotonicTime(nanoseconds: 0)

    init(
        _ sink: PipelineSink, state: Monitor<SinkRunner.State>, backoff: Backoff,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.sink = sink
        self.state = state
        self.backoff = backoff
        self.log = log
        delay = backoff.first
    }

    /// Works until the queue is closed and empty, or its time is over, or the sink will never work.
    mutating func run() {
        while prepare(), let batch = gather() {
            guard !batch.isEmpty else { continue }
            do throws(SinkError) {
                if let receipt = try instance?.deliver(batch) { settle(receipt, of: batch.count) }
            } catch {
                fail(error, rest: batch.count)
            }
        }
    }

    /// Goes over to the sink that takes over, if there is one.
    private mutating func follow() {
        let successor = state.update { state -> PipelineSink? in
            guard let successor = state.successor.take() else { return nil }
            state.status.state = .starting
            state.status.error = nil
            state.status.target = ""
            return successor
        }
        guard let successor else { return }
        sink = successor
        sink.name = state.update { $0.status.name }
        instance = nil
        delay = backoff.first
        nextLine = MonotonicTime(nanoseconds: 0)
    }

    /// Makes the sink where there is none; false when there never will be.
    private mutating func prepare() -> Bool {
        follow()
        while instance == nil {
            do throws(SinkError) {
                let made = try sink.make()
                instance = made
                recover { $0.target = made.target }
            } catch {
                guard error.isRetryable else {
                    state.update { state in
                        state.status.state = .failed
                        state.status.error = error
                        state.status.failures[error.reason.rawValue, default: 0] += 1
                    }
                    log("sink \(sink.name) does not run: \(error.reason.rawValue): \(error.message)")
                    return false
                }
                fail(error, rest: 0)
                if isOver { return false }
                follow()
            }
        }
        return true
    }

    /// The next batch, none where another sink takes over; nil at the end.
    private mutating func gather() -> ArraySlice<Event>? {
        let batching = instance?.batching ?? SinkBatching()
        while true {
            let wantsReopening = state.wait { state -> Bool?? in
                if state.wantsReopening { return .some(true) }
                return state.queue.count > 0 || state.isCalled ? .some(false) : nil
            }
            guard wantsReopening == true else { break }
            state.update { $0.wantsReopening = false }
            instance?.reopen()
        }
        let first = state.update { $0.queue.firstArrival }
        state.wait(until: first + batching.wait) { state -> Bool? in
            state.queue.count >= batching.events || state.isCalled ? true : nil
        }
        return state.update { state in
            if state.successor != nil { return [] }
            if let end = state.end, state.queue.count == 0 || MonotonicTime.now >= end { return nil }
            return state.queue.gather(batching.events)
        }
    }

    /// Whether there is no time left.
    private var isOver: Bool { state.update { $0.end.map { MonotonicTime.now >= $0 } ?? false } }

    private mutating func settle(_ receipt: SinkReceipt, of count: Int) {
        // A receipt for more than there was must not be believed.
        let delivered = min(max(0, receipt.delivered), count)
        var rest = count - delivered
        state.update { state in
            state.deliver(delivered)
            for (cause, lost) in receipt.lost.sorted(by: { $0.key < $1.key }) {
                let lost = min(max(0, lost), rest)
                state.lose(lost, cause: cause)
                rest -= lost
            }
        }
        if let error = receipt.error {
            fail(error, rest: rest, lost: count - delivered - rest)
        } else if rest == count {
            fail(
                SinkError(.failed, "the sink did not say what became of \(counted(rest, "event"))", isRetryable: false),
                rest: rest
            )
        } else {
            recover { _ in }
        }
    }

    /// Notes a failure and waits where something is to be repeated.
    ///
    /// - Parameters:
    ///   - rest: how many events of the batch nothing has become of.
    ///   - before: how many of the batch are lost already.
    private mutating func fail(_ error: SinkError, rest: Int, lost before: Int = 0) {
        let now = MonotonicTime.now
        let lost = error.isRetryable ? 0 : min(rest, error.events ?? rest)
        state.update { state in
            state.status.error = error
            state.status.failures[error.reason.rawValue, default: 0] += 1
            if error.isRetryable {
                state.status.state = .retrying
                state.status.retries += 1
            } else {
                // It answers, if only that it does not want these.
                state.status.state = .running
                state.lose(lost, cause: error.reason.rawValue)
            }
        }
        if now >= nextLine {
            nextLine = now + .seconds(60)
            var consequences = before + lost > 0 ? ["\(counted(before + lost, "event is", "events are")) lost"] : []
            if error.isRetryable { consequences.append("events wait") }
            log(
                "sink \(sink.name): \(error.reason.rawValue): \(error.message); \(consequences.joined(separator: ", "))"
            )
        }
        guard error.isRetryable else {
            delay = backoff.first
            return
        }
        // By chance a bit more or less, lest all nodes come at once to a receiver that is back.
        let pause = now + max(error.retryAfter ?? .zero, delay * Double.random(in: 0.75...1.25))
        delay = min(delay * 2, backoff.longest)
        // When the pipeline stops there may be time for another try, but not for a long pause.
        state.wait(until: pause) { $0.isCalled ? true : nil }
        if let end = state.update({ $0.end }) {
            let soon = min(min(MonotonicTime.now + backoff.first, pause), end)
            state.wait(until: soon) { _ -> Bool? in nil }
        }
    }

    private mutating func recover(_ change: (inout SinkStatus) -> Void) {
        delay = backoff.first
        let wasFailing = state.update { state in
            defer {
                state.status.state = .running
                state.status.error = nil
                change(&state.status)
            }
            return state.status.state == .retrying
        }
        guard wasFailing else { return }
        let lost = state.update { $0.status.lost.values.reduce(0, +) }
        log("sink \(sink.name) takes events again; \(counted(lost, "was", "were")) lost until now")
    }
}
