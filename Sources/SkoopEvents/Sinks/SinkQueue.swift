// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopSystem

/// Events in order of arrival: those being delivered, and behind them those that wait.
struct SinkQueue: Sendable {
    /// How much may wait; what waits already stays.
    var capacity: SinkCapacity {
        didSet {
            guard capacity != oldValue else { return }
            bytes = 0
            if case .bytes = capacity { bytes = events[head...].reduce(0) { $0 + $1.footprint } }
        }
    }
    /// What was handed out and is not settled.
    private var batch: [Event] = []
    private var events: [Event] = []
    private var head = 0
    /// Of those that wait, and of those being delivered.
    private var bytes = 0
    private var batchBytes = 0
    /// When the queue was last empty and got an event.
    private(set) var firstArrival = MonotonicTime(nanoseconds: 0)

    init(_ capacity: SinkCapacity) { self.capacity = capacity }

    var count: Int { batch.count + events.count - head }

    /// Whether a batch was handed out that is not settled.
    var isDelivering: Bool { !batch.isEmpty }

    /// The oldest events, at most so many; they stay until they are removed.
    mutating func gather(_ limit: Int) -> ArraySlice<Event> {
        let more = min(limit - batch.count, events.count - head)
        if more > 0 {
            batch += events[head..<(head + more)]
            batchBytes += advance(more)
        }
        return batch.prefix(limit)
    }

    /// Takes events as far as there is room.
    ///
    /// - Returns: those that are lost, and the cause.
    mutating func append(_ more: [Event]) -> (lost: ArraySlice<Event>, cause: String) {
        if count == 0 { firstArrival = .now }
        switch capacity {
        case .events(let limit):
            let room = max(0, min(more.count, limit - count))
            events += more[..<room]
            return (more[room...], "queue-full")
        case .bytes(let limit):
            events += more
            bytes += more.reduce(0) { $0 + $1.footprint }
            var position = head
            var size = bytes + batchBytes
            while size > limit, position < events.count {
                size -= events[position].footprint
                position += 1
            }
            let lost = events[head..<position]
            _ = advance(lost.count)
            return (lost, "spool-full")
        }
    }

    /// Takes the oldest of those being delivered out.
    mutating func removeFirst(_ count: Int) -> ArraySlice<Event> {
        let removed = batch.prefix(count)
        if case .bytes = capacity { batchBytes -= removed.reduce(0) { $0 + $1.footprint } }
        batch.removeFirst(removed.count)
        if !removed.isEmpty { firstArrival = .now }
        return removed
    }

    /// Takes everything out.
    mutating func removeAll() -> [Event] {
        defer {
            batch = []
            events = []
            head = 0
            bytes = 0
            batchBytes = 0
        }
        return batch + events[head...]
    }

    /// Takes the oldest that wait out of them, and gives their size where that is what is limited.
    private mutating func advance(_ count: Int) -> Int {
        var size = 0
        if case .bytes = capacity { size = events[head..<(head + count)].reduce(0) { $0 + $1.footprint } }
        bytes -= size
        head += count
        if head == events.count {
            events.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1024, head > events.count / 2 {
            events.removeFirst(head)
            head = 0
        }
        return size
    }
}

extension Event {
    /// How many bytes of memory the event takes by itself, about; what it shares with others (its type, names of its
    /// entity) is not counted.
    var footprint: Int {
        // What longer texts and arrays take besides their content.
        let overhead = 32
        var size = MemoryLayout<Event>.stride + overhead + values.count * MemoryLayout<EventValue?>.stride
        func add(_ text: String) { size += text.utf8.count > 15 ? text.utf8.count + overhead : 0 }
        add(message)
        for value in values {
            switch value {
            case .string(let text): add(text)
            case .list(let texts):
                size += overhead + texts.count * MemoryLayout<String>.stride
                for text in texts { add(text) }
            case .integer, .duration, .flag, nil: break
            }
        }
        return size
    }
}
