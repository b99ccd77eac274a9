// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopProbes

/// An event that stands for itself and those that were the same.
struct FoldedEvent: Sendable {
    /// The first, with the longest of all durations.
    var event: ProbeEvent
    /// How many.
    var count: UInt64 = 1
    /// When the last happened.
    var last: UInt64

    init(_ event: ProbeEvent) {
        self.event = event
        last = event.time
    }

    /// Adds one more.
    mutating func add(_ other: ProbeEvent) {
        count += 1
        event.time = min(event.time, other.time)
        last = max(last, other.time)
        for (position, value) in zip(event.values.indices, other.values) {
            guard case .duration(let new) = value else { continue }
            if case .duration(let old) = event.values[position], old >= new { continue }
            event.values[position] = value
        }
    }
}

/// Finds repeats: the first of several equal events goes on at once, those after it are gathered for a while.
struct FoldTable: Sendable {
    /// What makes events the same: type, namespace (also among those of one number), ends, process, and the texts and flags among the fields.
    private struct Key: Hashable {
        let event: ProbeEvent

        static func == (one: Key, other: Key) -> Bool {
            let (one, other) = (one.event, other.event)
            guard one.namespace == other.namespace, one.cookie == other.cookie, one.tuple == other.tuple,
                one.type == other.type,
                one.process?.pid == other.process?.pid, one.values.count == other.values.count
            else { return false }
            return zip(one.values, other.values).allSatisfy { $0.telling == $1.telling }
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(event.type)
            hasher.combine(event.namespace)
            hasher.combine(event.tuple)
            hasher.combine(event.process?.pid)
            for value in event.values { hasher.combine(value.telling) }
        }
    }

    private var window: UInt64
    private var capacity: Int
    /// The repeats of each event that was seen lately; nothing where there was none yet.
    private var entries: [Key: FoldedEvent?] = [:]
    /// The ends of the windows in order of time, each event once.
    private var ends: [(time: UInt64, key: Key)] = []
    private var passed = 0

    /// Makes an empty table.
    ///
    /// - Parameters:
    ///   - window: nanoseconds for which repeats are gathered; 0 folds nothing.
    ///   - capacity: how many different events are watched.
    init(window: UInt64, capacity: Int) {
        self.window = window
        self.capacity = capacity
    }

    /// Gathers for another time from now on; no window that is open gets longer.
    mutating func follow(window: UInt64, capacity: Int, now: UInt64) {
        self.window = window
        self.capacity = capacity
        for position in passed..<ends.count { ends[position].time = min(ends[position].time, now + window) }
    }

    /// How many events are held back.
    var held: UInt64 { entries.values.reduce(0) { $0 + ($1?.count ?? 0) } }

    /// Takes an event if it repeats one; false if it is the first.
    mutating func fold(_ event: ProbeEvent) -> Bool {
        guard window > 0, let position = entries.index(forKey: Key(event: event)) else { return false }
        if entries.values[position] == nil {
            entries.values[position] = FoldedEvent(event)
        } else {
            entries.values[position]?.add(event)
        }
        return true
    }

    /// Watches for repeats of an event from now on, if there is room.
    mutating func watch(_ event: ProbeEvent, now: UInt64) {
        guard window > 0, entries.count < capacity else { return }
        let key = Key(event: event)
        guard entries.updateValue(nil, forKey: key) == nil else { return }
        ends.append((now + window, key))
    }

    /// Hands over the repeats of windows that have ended; what is refused stays for one window more.
    mutating func finish(now: UInt64, deliver: (FoldedEvent) -> Bool) {
        while passed < ends.count, ends[passed].time <= now {
            let key = ends[passed].key
            passed += 1
            guard let repeats = entries[key] ?? nil else {
                entries[key] = nil
                continue
            }
            if deliver(repeats) {
                guard window > 0 else {
                    entries[key] = nil
                    continue
                }
                entries.updateValue(nil, forKey: key)
            }
            ends.append((now + max(window, 1), key))
        }
        if passed > 1024, passed > ends.count / 2 {
            ends.removeFirst(passed)
            passed = 0
        }
    }
}

extension EventValue? {
    /// The value if it tells one event from another; numbers and lists rather describe it.
    fileprivate var telling: EventValue? {
        switch self {
        case .string, .flag: self
        case .integer, .duration, .list, nil: nil
        }
    }
}
