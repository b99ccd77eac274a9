// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopSystem
import SkoopTesting
import Synchronization
import Testing

@testable import SkoopEvents

@Suite struct EventPipelineTests {
    func pipeline(
        _ sinks: [PipelineSink] = [], census: CensusBoard? = nil, _ change: (inout EventLimits) -> Void = { _ in }
    ) throws -> EventPipeline {
        var limits = EventLimits()
        change(&limits)
        let board = census ?? CensusBoard()
        if census == nil { board.publish(.test([7: "web"])) }
        return try EventPipeline(node: "node", limits: limits, census: board, sinks: sinks)
    }

    func sink(_ shelf: CollectingSink.Shelf, named name: String = "shelf") -> PipelineSink {
        PipelineSink(name) { () throws(SinkError) in CollectingSink(shelf) }
    }

    @Test func eventsReachEverySinkAndTheStream() throws {
        let shelves = [CollectingSink.Shelf(), CollectingSink.Shelf()]
        let pipeline = try pipeline([sink(shelves[0]), sink(shelves[1], named: "other")])
        let source = SyntheticSource()
        pipeline.outlet.add(source)
        for port in UInt16(1)...100 { source.emit(.test(port: port)) }
        #expect(eventually { pipeline.sinkStatuses.allSatisfy { $0.delivered == 100 } })
        for shelf in shelves { #expect(shelf.events.map { $0.tuple?.source.port } == (1...100).map { $0 }) }
        #expect(pipeline.stream.next == 101)
        // Counted after the sinks have it.
        #expect(eventually { pipeline.probes.first?.reported == 100 })
        let probe = try #require(pipeline.probes.first)
        #expect(probe.emitted == 100 && probe.reported == 100 && probe.lost.isEmpty && probe.pending == 0)
        #expect(pipeline.sinkStatuses.map(\.target) == ["a shelf", "a shelf"])
        pipeline.stop()
        #expect(pipeline.stream.isClosed)
    }

    /// More than there is room for, from several sources at once: all of it is accounted for.
    @Test func aFloodIsAccountedForToTheLastEvent() throws {
        let shelf = CollectingSink.Shelf()
        let pipeline = try pipeline([sink(shelf)]) {
            $0.rate = 5000
            $0.burst = 5000
            $0.queue = 3000
            $0.foldWindow = .milliseconds(100)
        }
        let sources = (0..<3).map { SyntheticSource(probe: "probe\($0)", capacity: 20_000) }
        for source in sources { pipeline.outlet.add(source) }
        let writers = sources.map { source in
            Thread {
                let type = EventType.test("T" + source.probe, probe: source.probe)
                for number in 0..<60_000 {
                    source.emit(.test(type, at: UInt64(number), port: UInt16(truncatingIfNeeded: number * 7919)))
                }
            }
        }
        for writer in writers { writer.start() }
        #expect(eventually(within: 120) { writers.allSatisfy(\.isFinished) })
        pipeline.stop(within: .seconds(60))
        let probes = pipeline.probes
        #expect(probes.map(\.emitted) == [60_000, 60_000, 60_000])
        for probe in probes {
            #expect(probe.lost.values.reduce(probe.reported, +) == probe.emitted, "\(probe)")
            #expect(probe.reported > 0 && probe.error == nil)
        }
        let status = try #require(pipeline.sinkStatuses.first)
        // Emitted is delivered or counted as lost, for each probe by itself, repeats by their number.
        for probe in probes {
            let tally = try #require(status.probes[probe.probe])
            let arrived = shelf.events.filter { $0.type.probe == probe.probe }.reduce(0) { $0 + $1.count }
            #expect(tally.offered == probe.reported && tally.queued == 0 && tally.delivered == arrived, "\(tally)")
            #expect(
                tally.lost.values.reduce(tally.delivered, +) + probe.lost.values.reduce(0, +) == probe.emitted,
                "\(tally) \(probe)")
        }
        #expect(status.lost.keys.allSatisfy { $0 == "queue-full" })
    }

    @Test func aSinkThatDoesNotTakeAnythingHarmsNobody() throws {
        let shelf = CollectingSink.Shelf()
        let gate = Monitor(false)
        let stuck = PipelineSink("stuck") { () throws(SinkError) in
            CollectingSink(CollectingSink.Shelf()) { (_, _) throws(SinkError) in
                gate.wait { $0 ? true : nil }
                throw SinkError(.unreachable, "nobody there")
            }
        }
        let pipeline = try pipeline([stuck, sink(shelf)]) { $0.queue = 10 }
        let source = SyntheticSource()
        pipeline.outlet.add(source)
        for port in UInt16(1)...50 {
            source.emit(.test(port: port))
            #expect(eventually { shelf.events.count == Int(port) })
        }
        let status = try #require(pipeline.sinkStatuses.first)
        #expect(status.offered == 50 && status.queued == 10 && status.lost == ["queue-full": 40])
        gate.update { $0 = true }
        #expect(eventually { pipeline.sinkStatuses[0].state == .retrying })
        #expect(pipeline.sinkStatuses[0].error?.reason == .unreachable)
        pipeline.stop(within: .milliseconds(600))
        #expect(eventually { pipeline.sinkStatuses[0].lost == ["queue-full": 40, "stopped": 10] })
        #expect(pipeline.sinkStatuses[0].queued == 0)
    }

    @Test func aSourceThatFailsIsReadNoLonger() throws {
        let pipeline = try pipeline()
        let (bad, good) = (SyntheticSource(probe: "bad", capacity: 5000), SyntheticSource(probe: "good"))
        pipeline.outlet.add(bad)
        pipeline.outlet.add(good)
        for port in UInt16(1)...5 { bad.emit(.test(.test("Bad", probe: "bad"), port: port)) }
        #expect(eventually { pipeline.stream.next == 6 })
        bad.fail(ProbeError(.unreadable, "ring: gone"))
        #expect(eventually { pipeline.probes.first { $0.probe == "bad" }?.error?.reason == .unreadable })
        #expect(pipeline.outlet.sources.sources.count == 1)
        good.emit(.test(.test("Good", probe: "good")))
        #expect(eventually { pipeline.stream.next == 7 })
        #expect(pipeline.probes.map(\.emitted) == [5, 1] && pipeline.probes.map(\.reported) == [5, 1])
        // The same probe may start again.
        let again = SyntheticSource(probe: "bad")
        pipeline.outlet.add(again)
        again.emit(.test(.test("Bad", probe: "bad"), port: 9))
        #expect(eventually { pipeline.probes.first { $0.probe == "bad" }?.reported == 6 })
        #expect(pipeline.probes.first { $0.probe == "bad" }?.error == nil)
        pipeline.stop()
    }

    @Test func whatASourceHasLeftWhenItsProbeEndsIsReported() throws {
        let pipeline = try pipeline { $0.rate = 0 }
        let source = SyntheticSource()
        for number in 0..<10_000 { source.emit(.test(port: UInt16(number))) }
        pipeline.outlet.add(source)
        #expect(eventually { pipeline.probes.first?.emitted == 10_000 })
        pipeline.outlet.remove(source)
        pipeline.stop(within: .seconds(30))
        #expect(pipeline.probes.map(\.reported) == [10_000] && pipeline.probes.map(\.lost) == [[:]])
    }

    @Test func aCensusIsAskedForAndNotWaitedFor() throws {
        let asked = Atomic(0)
        let board = CensusBoard { board in
            // The first time nobody answers.
            guard asked.add(1, ordering: .relaxed).newValue > 1 else { return }
            board.publish(.test([7: "web", 9: "late"]))
        }
        board.publish(.test([7: "web"]))
        let shelf = CollectingSink.Shelf()
        let pipeline = try pipeline([sink(shelf)], census: board) { $0.attributionDelay = .seconds(20) }
        let source = SyntheticSource()
        pipeline.outlet.add(source)
        source.emit(.test(in: 9))
        source.emit(.test(in: 7))
        #expect(eventually { shelf.events.count == 2 })
        #expect(shelf.events.map(\.entity.podName) == ["web", "late"])
        pipeline.stop()
    }
}
