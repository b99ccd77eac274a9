// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopModel
import Synchronization

/// A sink that keeps what it gets, and does what a test tells it instead of that.
struct CollectingSink: Sink {
    final class Shelf: Sendable {
        private let state = Mutex((events: [Event](), batches: [Int](), reopened: 0))
        var events: [Event] { state.withLock { $0.events } }
        var batches: [Int] { state.withLock { $0.batches } }
        var reopened: Int { state.withLock { $0.reopened } }
        func add(_ events: ArraySlice<Event>) {
            state.withLock {
                $0.events += events
                $0.batches.append(events.count)
            }
        }
        func noteReopening() { state.withLock { $0.reopened += 1 } }
    }

    typealias Behaviour = @Sendable (ArraySlice<Event>, Shelf) throws(SinkError) -> SinkReceipt

    static let definition = SinkDefinition("collecting", "keeps what it gets")
    var batching = SinkBatching()
    let target = "a shelf"
    private let shelf: Shelf
    private let behaviour: Behaviour

    init(_ environment: SinkEnvironment) throws(SinkError) { self.init(Shelf()) }

    init(
        _ shelf: Shelf, batching: SinkBatching = SinkBatching(),
        _ behaviour: @escaping Behaviour = { (events, shelf) throws(SinkError) in
            shelf.add(events)
            return SinkReceipt(delivered: events.count)
        }
    ) {
        self.shelf = shelf
        self.batching = batching
        self.behaviour = behaviour
    }

    mutating func deliver(_ events: ArraySlice<Event>) throws(SinkError) -> SinkReceipt { try behaviour(events, shelf) }

    mutating func reopen() { shelf.noteReopening() }
}
