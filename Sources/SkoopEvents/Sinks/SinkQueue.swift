// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopSystem

/// Events in order of arrival.
struct SinkQueue: Sendable {
    private var events: [Event] = []
    private var head = 0
    /// When the queue was last empty and got an event.
    private(set) var firstArrival = MonotonicTime(nanoseconds: 0)

    var count: Int { events.count - head }

    /// The oldest events, at most so many.
    func prefix(_ limit: Int) -> ArraySlice<Event> { events[head...].prefix(limit) }

    mutating func append(_ more: ArraySlice<Event>) {
        if count == 0 { firstArrival = .now }
        events.append(contentsOf: more)
    }

    mutating func removeFirst(_ count: Int) {
        head += count
        if head == events.count {
            events.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1024, head > events.count / 2 {
            events.removeFirst(head)
            head = 0
        }
        if count > 0 { firstArrival = .now }
    }
}
