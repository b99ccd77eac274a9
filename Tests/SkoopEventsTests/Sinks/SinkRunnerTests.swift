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
