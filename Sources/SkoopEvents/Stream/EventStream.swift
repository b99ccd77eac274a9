// SPDX-License-Identifier: Apache-2.0
public import SkoopModel
import SkoopSystem
import Synchronization

/// The events that were reported lately, numbered, for any number of watchers.
///
/// Watchers read at their own pace with an ``EventCursor``. Nobody waits for them: what a slow one has not read when it
/// is overwritten it has missed, and it is told how much that was.
public final class EventStream: Sendable {
    private struct State {
        /// A ring: event `number` is at `(number - first) % capacity`.
        var events: [Event] = []
        var first: UInt64 = 1
        var capacity: Int
        var next: UInt64 = 1
        var watchers: [UInt64: @Sendable () -> Void] = [:]
        var lastWatcher: UInt64 = 0
        var isClosed = false
    }

    /// Tells this stream from those of earlier runs.
    public let epoch: UInt64
    private let state: Mutex<State>

    /// Makes an empty stream.
    ///
    /// - Parameter capacity: how many events are kept.
    public init(capacity: Int) {
        epoch = SystemClock.wall / 1_000_000
        state = Mutex(State(capacity: max(1, capacity)))
    }

    /// Adds events and wakes the watchers.
    public func publish(_ events: [Event]) {
        guard !events.isEmpty else { return }
        let watchers = state.withLock { state in
            for event in events {
                if state.events.count < state.capacity {
                    state.events.append(event)
                } else {
                    state.events[Int((state.next - state.first) % UInt64(state.capacity))] = event
                }
                state.next += 1
            }
            defer { state.watchers = [:] }
            return state.watchers.values
        }
        for watcher in watchers { watcher() }
    }

    /// Keeps so many events from now on, the latest of those that are there included.
    func resize(to capacity: Int) {
        let capacity = max(1, capacity)
        state.withLock { state in
            guard capacity != state.capacity else { return }
            let kept = UInt64(min(state.events.count, capacity))
            let numbers = (state.next - kept)..<state.next
            let events = numbers.map { state.events[Int(($0 - state.first) % UInt64(state.capacity))] }
            state.capacity = capacity
            state.events = events
            state.first = numbers.lowerBound
        }
    }

    /// Says that nothing more will come.
    func close() {
        let watchers = state.withLock { state in
            state.isClosed = true
            defer { state.watchers = [:] }
            return state.watchers.values
        }
        for watcher in watchers { watcher() }
    }

    /// Whether nothing more will come.
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// The number of the next event; those before it have been published.
    public var next: UInt64 { state.withLock { $0.next } }

    /// The number of the oldest event that is kept.
    public var oldest: UInt64 { state.withLock { $0.next - UInt64($0.events.count) } }

    /// Calls back once as soon as there is an event of that number or the stream is closed, perhaps at once.
    ///
    /// - Parameters:
    ///   - number: the event that is waited for.
    ///   - body: called on any thread; must not block.
    /// - Returns: what ``forget(_:)`` takes; nil where it was called at once.
    @discardableResult
    public func notify(at number: UInt64, _ body: @escaping @Sendable () -> Void) -> UInt64? {
        let watcher: UInt64? = state.withLock { state in
            if state.next > number || state.isClosed { return nil }
            state.lastWatcher += 1
            state.watchers[state.lastWatcher] = body
            return state.lastWatcher
        }
        if watcher == nil { body() }
        return watcher
    }

    /// Calls back no more who has left before there was anything new.
    public func forget(_ watcher: UInt64) { state.withLock { _ = $0.watchers.removeValue(forKey: watcher) } }

    /// How many wait for something new.
    var watchers: Int { state.withLock { $0.watchers.count } }

    /// Events from `number` on, at most so many, and the number of the first of them; a larger one than asked for where
    /// those before it are kept no longer.
    func read(from number: UInt64, atMost limit: Int) -> (events: [Event], first: UInt64) {
        state.withLock { state in
            let first = min(max(number, state.next - UInt64(state.events.count)), state.next)
            let end = min(state.next, first + UInt64(max(0, limit)))
            return ((first..<end).map { state.events[Int(($0 - state.first) % UInt64(state.capacity))] }, first)
        }
    }
}
