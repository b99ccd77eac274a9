// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopSystem
import SkoopTesting
import Synchronization
import Testing

@testable import SkoopEvents

@Suite struct SinkRunnerTests {
    let shelf = CollectingSink.Shelf()
    let lines = Lines()

    /// What was logged.
    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    func runner(
        capacity: Int = 1000, _ make: @escaping @Sendable () throws(SinkError) -> any Sink
    ) throws -> SinkRunner {
        try SinkRunner(
            PipelineSink("test", make), capacity: capacity,
            backoff: .init(first: .milliseconds(1), longest: .milliseconds(4)), log: { [lines] in lines.add($0) })
    }

    func events(_ numbers: ClosedRange<UInt64>) -> [Event] { numbers.map { .test($0) } }

    @Test func whatCanBeRepeatedIsUntilItWorks() throws {
        let tries = Atomic(0)
        let runner = try runner { [shelf] () throws(SinkError) in
            CollectingSink(shelf) { (events, shelf) throws(SinkError) in
                if tries.add(1, ordering: .relaxed).newValue < 5 { throw SinkError(.overloaded, "too much") }
                shelf.add(events)
                return SinkReceipt(delivered: events.count)
            }
        }
        runner.offer(events(1...10))
        #expect(eventually { runner.status.delivered == 10 })
        let status = runner.status
        #expect(status.state == .running && status.error == nil && status.retries == 4 && status.lost.isEmpty)
        #expect(shelf.events.map(\.timestamp) == Array(1...10))
        #expect(
            lines.all == [
                "sink test: overloaded: too much; events wait", "sink test takes events again; 0 were lost until now",
            ])
        runner.close(within: .seconds(5))
    }

    @Test func whatCannotBeRepeatedIsLostAndCounted() throws {
        let runner = try runner { [shelf] () throws(SinkError) in
            CollectingSink(shelf, batching: SinkBatching(events: 5)) { (events, shelf) throws(SinkError) in
                if events.first?.timestamp == 6 { throw SinkError(.refused, "status 400") }
                shelf.add(events)
                return SinkReceipt(delivered: events.count)
            }
        }
        runner.offer(events(1...20))
        #expect(eventually { runner.status.queued == 0 })
        #expect(runner.status.lost == ["refused": 5] && runner.status.delivered == 15)
        #expect(shelf.batches == [5, 5, 5])
        #expect(lines.all == ["sink test: refused: status 400; 5 events are lost"])
        runner.close(within: .seconds(5))
    }

    @Test func aPartOfABatchMayBeDealtWith() throws {
        let runner = try runner { [shelf] () throws(SinkError) in
            CollectingSink(shelf) { (events, shelf) throws(SinkError) in
                shelf.add(events.prefix(2))
                guard events.count > 3 else { return SinkReceipt(delivered: events.count) }
                return SinkReceipt(delivered: 2, lost: ["refused": 1], error: SinkError(.timeout, "slow"))
            }
        }
        runner.offer(events(1...8))
        #expect(eventually { runner.status.queued == 0 })
        // 1, 2 and 4, 5 arrive, 3 and 6 are refused, 7 and 8 are left.
        #expect(shelf.events.map(\.timestamp) == [1, 2, 4, 5, 7, 8])
        #expect(runner.status.delivered == 6 && runner.status.lost == ["refused": 2] && runner.status.retries == 2)
        runner.close(within: .seconds(5))
    }

    @Test func aPartOfABatchMayBeTakenWithoutAnyTrouble() throws {
        let runner = try runner { [shelf] () throws(SinkError) in
            CollectingSink(shelf) { (events, shelf) throws(SinkError) in
                shelf.add(events.prefix(3))
                return SinkReceipt(delivered: min(3, events.count))
            }
        }
        runner.offer(events(1...8))
        #expect(eventually { runner.status.delivered == 8 })
        #expect(shelf.batches == [3, 3, 2] && runner.status.retries == 0 && runner.status.failures.isEmpty)
        #expect(lines.all.isEmpty)
        runner.close(within: .seconds(5))
    }

    @Test func aRefusalMayConcernTheFirstOnly() throws {
        let runner = try runner { [shelf] () throws(SinkError) in
            CollectingSink(shelf) { (events, shelf) throws(SinkError) in
                if events.first?.timestamp == 4 { throw SinkError(.refused, "too large", events: 1) }
                let count = events.first == .test(1) ? 3 : events.count
                shelf.add(events.prefix(count))
                return SinkReceipt(delivered: count)
            }
        }
        runner.offer(events(1...8))
        #expect(eventually { runner.status.queued == 0 })
        #expect(shelf.events.map(\.timestamp) == [1, 2, 3, 5, 6, 7, 8] && runner.status.lost == ["refused": 1])
        #expect(runner.status.failures == ["refused": 1] && runner.status.state == .running)
        #expect(lines.all == ["sink test: refused: too large; 1 event is lost"])
        runner.close(within: .seconds(5))
    }

    /// Every event, by its probe and number, is delivered or counted under its cause.
    @Test func countsAreKeptByProbe() throws {
        let types = ["one", "two", "three"].map { EventType.test("T" + $0, probe: $0) }
        let runner = try runner(capacity: 7) { [shelf] () throws(SinkError) in
            CollectingSink(shelf, batching: SinkBatching(events: 7, wait: .seconds(600))) {
                (events, shelf) throws(SinkError) in
                shelf.add(events.prefix(2))
                return SinkReceipt(delivered: 2, lost: ["a": 1, "b": 1], error: SinkError(.refused, "the rest"))
            }
        }
        runner.offer(
            (UInt64(0)..<9).map { number in
                var event = Event.test(number, type: types[Int(number) % 3])
                event.count = number + 1
                return event
            })
        #expect(eventually { runner.status.queued == 0 })
        let probes = runner.status.probes
        #expect(probes.mapValues(\.offered) == ["one": 12, "two": 15, "three": 18])
        #expect(probes.mapValues(\.delivered) == ["one": 1, "two": 2, "three": 0])
        #expect(
            probes.mapValues(\.lost) == [
                "one": ["b": 4, "refused": 7], "two": ["refused": 5, "queue-full": 8],
                "three": ["a": 3, "refused": 6, "queue-full": 9],
            ])
        runner.close(within: .seconds(5))
    }

    @Test func ofASpoolTheOldestAreLost() throws {
        let gate = Monitor(false)
        let size = Event.test(1).footprint
        let sink = PipelineSink("test", capacity: .bytes(10 * size)) { [shelf] () throws(SinkError) in
            CollectingSink(shelf, batching: SinkBatching(events: 4)) { (events, shelf) throws(SinkError) in
                gate.wait { $0 ? true : nil }
                shelf.add(events)
                return SinkReceipt(delivered: events.count)
            }
        }
        let runner = try SinkRunner(sink, capacity: 1, log: { _ in })
        runner.offer(events(1...4))
        // What is being delivered is not dropped, and takes room all the same.
        #expect(eventually { runner.isDelivering })
        for number in UInt64(5)...30 { runner.offer(events(number...number)) }
        #expect(runner.status.lost == ["spool-full": 20] && runner.status.queued == 10)
        gate.update { $0 = true }
        #expect(eventually { runner.status.queued == 0 })
        #expect(shelf.events.map(\.timestamp) == Array(1...4) + Array(25...30))
        #expect(runner.status.delivered == 10 && runner.status.offered == 30)
        runner.close(within: .seconds(5))
    }

    @Test func largeEventsCountMore() {
        var event = Event.test(1)
        let size = event.footprint
        event.message = String(repeating: "m", count: 1000)
        #expect(event.footprint > size + 1000 && event.footprint < size + 1100)
        event.values = [.list([String(repeating: "f", count: 500)]), nil, .integer(1)]
        #expect(event.footprint > size + 1500 && event.footprint < size + 1800)
    }

    @Test func receiptsThatCannotBeAreNotBelieved() throws {
        let runner = try runner { [shelf] () throws(SinkError) in
            CollectingSink(shelf) { (events, _) throws(SinkError) in
                events.count > 1
                    ? SinkReceipt(delivered: -1, lost: ["a": 900, "b": 900]) : SinkReceipt(delivered: 0)
            }
        }
        runner.offer(events(1...4))
        #expect(eventually { runner.status.queued == 0 })
        #expect(runner.status.delivered == 0 && runner.status.lost == ["a": 4])
        runner.offer(events(5...5))
        #expect(eventually { runner.status.queued == 0 })
        #expect(runner.status.lost == ["a": 4, "failed": 1])
        runner.close(within: .seconds(5))
    }

    @Test func aSinkThatWillNeverWorkSaysSo() throws {
        let runner = try runner { () throws(SinkError) in throw SinkError(.invalidArgument, "path is missing") }
        runner.offer(events(1...3))
        #expect(eventually { runner.status.state == .failed && runner.status.queued == 0 })
        runner.offer(events(4...5))
        #expect(runner.status.lost == ["invalid-argument": 5] && runner.status.offered == 5)
        #expect(lines.all == ["sink test does not run: invalid-argument: path is missing"])
    }

    @Test func aSinkThatCannotBeMadeYetIsMadeLater() throws {
        let tries = Atomic(0)
        let runner = try runner { [shelf] () throws(SinkError) in
            if tries.add(1, ordering: .relaxed).newValue < 4 { throw SinkError(.unwritable, "no folder") }
            return CollectingSink(shelf)
        }
        runner.offer(events(1...3))
        #expect(eventually { runner.status.delivered == 3 })
        #expect(runner.status.target == "a shelf" && runner.status.retries == 3)
        runner.close(within: .seconds(5))
    }

    @Test func batchesAreGathered() throws {
        let runner = try runner { [shelf] () throws(SinkError) in
            CollectingSink(shelf, batching: SinkBatching(events: 10, wait: .seconds(600)))
        }
        for number in UInt64(1)...25 { runner.offer(events(number...number)) }
        #expect(eventually { shelf.batches == [10, 10] })
        #expect(runner.status.queued == 5)
        // The end does not wait.
        runner.close(within: .seconds(20))
        runner.waitForEnd(until: .now + .seconds(20))
        #expect(shelf.batches == [10, 10, 5] && runner.status.delivered == 25)
        runner.offer(events(26...26))
        #expect(runner.status.lost == ["stopped": 1])
    }

    @Test func sinksAreToldToReopen() throws {
        let runner = try runner { [shelf] () throws(SinkError) in CollectingSink(shelf) }
        runner.reopen()
        #expect(eventually { shelf.reopened == 1 })
        runner.offer(events(1...1))
        #expect(eventually { runner.status.delivered == 1 })
        #expect(shelf.reopened == 1)
        runner.close(within: .seconds(5))
    }
}
