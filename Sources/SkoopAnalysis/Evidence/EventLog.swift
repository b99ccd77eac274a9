// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// The latest events, by type and entity.
struct EventLog: Sendable {
    struct Key: Hashable {
        var type: EventType
        var entity: EntityRegistry.Number
    }

    /// How many are kept.
    var limit: Int
    /// How many were left out because there were too many.
    private(set) var dropped = 0
    private(set) var count = 0
    private(set) var events: [Key: [Event]] = [:]

    init(limit: Int) { self.limit = limit }

    /// The events of a type and an entity in the order in which they came.
    func events(of type: EventType, entity: EntityRegistry.Number) -> [Event] {
        events[Key(type: type, entity: entity)] ?? []
    }

    /// Adds an event; at the limit, the older half of all makes room.
    ///
    /// - Returns: whether others had to make room.
    @discardableResult
    mutating func append(_ event: Event, in registry: inout EntityRegistry) -> Bool {
        let isFull = count >= limit
        if isFull { makeRoom() }
        let number = registry.number(of: event.entity, on: event.node)
        events[Key(type: event.type, entity: number), default: []].append(event)
        count += 1
        return isFull
    }

    /// Drops the events before a time, in nanoseconds since 1970.
    mutating func forget(before time: UInt64) {
        count = 0
        for (key, list) in events {
            let left = list.filter { $0.lastTimestamp >= time }
            events[key] = left.isEmpty ? nil : left
            count += left.count
        }
    }

    /// Takes the new numbers of entities, of which none that has events is gone.
    mutating func renumber(_ numbers: [EntityRegistry.Number?]) {
        var renumbered: [Key: [Event]] = [:]
        for (key, list) in events {
            guard let entity = numbers[key.entity] else { continue }
            renumbered[Key(type: key.type, entity: entity)] = list
        }
        events = renumbered
    }

    private mutating func makeRoom() {
        let times = events.values.flatMap { $0.map(\.lastTimestamp) }.sorted()
        let before = count
        forget(before: times[times.count / 2] + 1)
        dropped += before - count
    }
}
