// SPDX-License-Identifier: Apache-2.0
import SkoopProbes
import Synchronization

/// A source whose events a test makes; like a ring buffer it holds so many and counts those it has no room for.
final class SyntheticSource: EventSource {
    private struct State {
        var events: [ProbeEvent] = []
        var counts = EventCounts()
        var failure: ProbeError?
    }

    let probe: String
    let fileDescriptor: Int32 = -1
    private let capacity: Int
    private let state = Mutex(State())

    init(probe: String = "test", capacity: Int = .max) {
        self.probe = probe
        self.capacity = capacity
    }

    func emit(_ event: ProbeEvent) {
        state.withLock { state in
            state.counts.emitted += 1
            if state.events.count < capacity {
                state.events.append(event)
            } else {
                state.counts.lost["ring-full", default: 0] += 1
            }
        }
    }

    /// Lets the next turn fail after what is there.
    func fail(_ error: ProbeError) { state.withLock { $0.failure = error } }

    func drain(_ deliver: (ProbeEvent) -> Void) throws(ProbeError) {
        let (events, failure) = state.withLock { state in
            defer { state.events.removeFirst(min(4096, state.events.count)) }
            return (Array(state.events.prefix(4096)), state.failure)
        }
        for event in events { deliver(event) }
        if let failure { throw failure }
    }

    var counts: EventCounts { state.withLock { $0.counts } }
}
