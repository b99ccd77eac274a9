// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// A watcher's place in a stream, and what it wants to see.
public struct EventCursor: Sendable {
    /// What a watcher reads.
    public enum Item: Sendable {
        /// An event with its number.
        case event(Event, number: UInt64)
        /// So many events were overwritten before the watcher read them, wanted ones or not.
        case missed(UInt64)
    }

    /// The stream.
    public let stream: EventStream
    /// What the watcher wants to see.
    public let filter: EventFilter
    /// The number of the event that is looked at next.
    public private(set) var next: UInt64

    /// Starts at an event; what is kept no longer counts as missed.
    public init(_ stream: EventStream, filter: EventFilter = EventFilter(), from number: UInt64) {
        self.stream = stream
        self.filter = filter
        next = number
    }

    /// What has happened since, wanted events only.
    ///
    /// - Parameter limit: how many events are looked at, at most.
    /// - Returns: what there was; nil where nothing new had happened, wanted or not.
    public mutating func read(atMost limit: Int = 256) -> [Item]? {
        let (events, first) = stream.read(from: next, atMost: limit)
        guard !events.isEmpty else { return nil }
        var items: [Item] = first > next ? [.missed(first - next)] : []
        for (offset, event) in events.enumerated() where filter.matches(event) {
            items.append(.event(event, number: first + UInt64(offset)))
        }
        next = first + UInt64(events.count)
        return items
    }
}
