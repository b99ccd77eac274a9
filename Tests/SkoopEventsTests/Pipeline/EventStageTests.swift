// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes
import Synchronization
import Testing

@testable import SkoopEvents

@Suite struct EventStageTests {
    /// Clocks that a test sets.
    final class Clocks: Sendable {
        let monotonic = Atomic<UInt64>(1_000_000_000)
        let wall = Atomic<UInt64>(1_700_000_000_000_000_000)
        var clock: WallClock {
            WallClock(
                monotonic: { [self] in monotonic.load(ordering: .relaxed) },
                wall: { [self] in wall.load(ordering: .relaxed) })
        }
        func advance(_ nanoseconds: UInt64) {
            monotonic.add(nanoseconds, ordering: .relaxed)
            wall.add(nanoseconds, ordering: .relaxed)
        }
    }

    let clocks = Clocks()

    func stage(
        census: [UInt64: String] = [7: "web", 8: "db"], peers: PeerTable = PeerTable(),
        _ change: (inout EventLimits) -> Void = { _ in }
    ) -> EventStage {
        var limits = EventLimits()
        change(&limits)
        var stage = EventStage(node: "node", limits: limits, clock: clocks.clock)
        if !census.isEmpty { stage.add(Census.test(census, peers: peers)) }
        return stage
    }

    func pass(_ nanoseconds: UInt64, _ stage: inout EventStage) {
        clocks.advance(nanoseconds)
        stage.clock.update()
        stage.tick()
    }

    @Test func theFirstGoesAtOnceAndRepeatsAreGathered() {
        var stage = stage()
        for time in UInt64(10)...19 { stage.add(.test(at: time, wait: time == 15 ? 99 : 1)) }
        stage.add(.test(at: 20, port: 2))
        stage.add(.test(at: 21, in: 8))
        stage.add(.test(at: 22, reason: "other"))
        var reports = stage.take().reports
        #expect(reports.map(\.count) == [1, 1, 1, 1])
        #expect(reports.map(\.entity.podName) == ["web", "web", "db", "web"])
        #expect(stage.held == 9)
        pass(500_000_000, &stage)
        #expect(stage.take().reports.isEmpty)
        pass(500_000_000, &stage)
        var (folded, tallies) = stage.take()
        #expect(folded.map(\.count) == [9])
        // The first of them, the last of them, the longest of them.
        let start = 1_700_000_000_000_000_000 - 1_000_000_000 as UInt64
        #expect(folded[0].timestamp == start + 11 && folded[0].lastTimestamp == start + 19)
        #expect(folded[0][field: "number"] == .integer(11) && folded[0][field: "wait_ns"] == .duration(99))
        #expect(tallies["test"]?.reported == 9 && tallies["test"]?.limited == 0)
        // As long as there are repeats they are gathered; after a window without any the next is a first again.
        stage.add(.test(at: 30))
        pass(1_000_000_000, &stage)
        (folded, tallies) = stage.take()
        #expect(folded.map(\.count) == [1])
        pass(1_000_000_000, &stage)
        stage.add(.test(at: 40))
        reports = stage.take().reports
        #expect(reports.map(\.count) == [1] && stage.held == 0)
    }

    @Test func nothingIsFoldedWithoutAWindow() {
        var stage = stage { $0.foldWindow = .zero }
        for time in UInt64(1)...50 { stage.add(.test(at: time)) }
        #expect(stage.take().reports.count == 50)
    }

    @Test func whatHasNoRoomToBeFoldedIsReported() {
        var stage = stage { $0.folds = 2 }
        for port in UInt16(1)...3 {
            for time in UInt64(1)...10 { stage.add(.test(at: time, port: port)) }
        }
        let (reports, tallies) = stage.take()
        #expect(reports.count == 1 + 1 + 10)
        #expect(stage.held == 18 && tallies["test"]?.reported == 12)
    }

    @Test func everyTypeAndNamespaceHasARateOfItsOwn() {
        var stage = stage {
            $0.rate = 10
            $0.burst = 5
        }
        for port in UInt16(1)...20 { stage.add(.test(port: port)) }
        for port in UInt16(1)...3 { stage.add(.test(in: 8, port: port)) }
        for port in UInt16(1)...3 { stage.add(.test(.test("Other"), port: port)) }
        var (reports, tallies) = stage.take()
        #expect(reports.count == 5 + 3 + 3)
        #expect(tallies["test"]?.limited == 15 && tallies["test"]?.reported == 11)
        pass(300_000_000, &stage)
        for port in UInt16(101)...120 { stage.add(.test(port: port)) }
        (reports, tallies) = stage.take()
        #expect(reports.count == 3 && tallies["test"]?.limited == 17)
    }

    @Test func repeatsWaitForTheRateAndAreNotLost() {
        var stage = stage {
            $0.rate = 1
            $0.burst = 1
        }
        stage.add(.test(at: 1))
        for time in UInt64(2)...11 { stage.add(.test(at: time)) }
        pass(900_000_000, &stage)
        stage.add(.test(at: 12))
        #expect(stage.take().reports.map(\.count) == [1])
        pass(99_999_999, &stage)
        #expect(stage.take().reports.isEmpty)
        pass(100_000_001, &stage)
        let (reports, tallies) = stage.take()
        #expect(reports.map(\.count) == [11] && tallies["test"]?.limited ?? 0 == 0)
    }

    @Test func bucketsHaveABound() {
        var limiter = RateLimiter(rate: 1, burst: 2, capacity: 3)
        func granted(_ namespace: UInt64, _ now: UInt64) -> Bool {
            limiter.take(.test(), NamespaceID(rawValue: namespace), now: now)
        }
        for namespace in UInt64(1)...3 { #expect(granted(namespace, 0)) }
        // All others share one.
        #expect(granted(4, 0) && granted(5, 0) && !granted(6, 0) && !granted(4, 0))
        #expect(granted(1, 0) && !granted(1, 0))
        // When the first are full again there is room.
        #expect(granted(4, 60_000_000_000) && granted(4, 60_000_000_000) && !granted(4, 60_000_000_000))
    }

    @Test func anUnknownNamespaceIsWaitedForAndThenUnknown() {
        var stage = stage()
        stage.add(.test(in: 9))
        stage.add(.test(in: 10))
        #expect(stage.take().reports.isEmpty && stage.needsCensus && stage.held == 2)
        pass(500_000_000, &stage)
        stage.add(Census.test([9: "late"]))
        #expect(stage.take().reports.map(\.entity.podName) == ["late"])
        pass(500_000_000, &stage)
        let reports = stage.take().reports
        #expect(reports.map(\.entity) == [Entity.unknown(NamespaceID(rawValue: 10))])
        #expect(reports[0].entity.podName == "netns:[10]" && reports[0].entity.kind == .unknown)
        #expect(!stage.needsCensus && stage.held == 0)
    }

    /// A container that turns out to be a pod's, and one that does not in time.
    @Test func aNameThatMayBecomeABetterOneIsWaitedFor() {
        var stage = stage()
        var census = Census.test([7: "container:a", 8: "container:b"])
        census.awaited = [1, 2]
        stage.add(census)
        stage.add(.test(in: 7))
        stage.add(.test(in: 8))
        #expect(stage.take().reports.isEmpty && stage.needsCensus && stage.held == 2)
        pass(500_000_000, &stage)
        census = Census.test([7: "web", 8: "container:b"])
        census.awaited = [2]
        stage.add(census)
        #expect(stage.take().reports.map(\.entity.podName) == ["web"])
        pass(500_000_000, &stage)
        #expect(stage.take().reports.isEmpty && stage.held == 1)
        stage.add(Census.test([7: "web", 8: "container:b"]))
        #expect(stage.take().reports.map(\.entity.podName) == ["container:b"])
        #expect(!stage.needsCensus && stage.held == 0)
    }

    @Test func aNameIsNotWaitedForForEver() {
        var stage = stage()
        var census = Census.test([7: "container:a"])
        census.awaited = [1]
        stage.add(census)
        stage.add(.test(in: 7))
        for _ in 0..<4 {
            pass(1_000_000_000, &stage)
            #expect(stage.take().reports.isEmpty && stage.held == 1)
        }
        pass(1_000_000_000, &stage)
        #expect(stage.take().reports.map(\.entity.podName) == ["container:a"])
        #expect(!stage.needsCensus && stage.held == 0)
    }

    /// A packet or a task is somebody's, also where nobody knows whose; a disk or a softirq is the node's.
    @Test func whatIsInNoNamespaceIsTheNodesOnlyIfItHappensToNodes() {
        var stage = stage(census: [:])
        var type = EventType.test()
        for labels in [EventType.Labels.tuple, .entity, .fields(), .fields(["reason"])] {
            type.labels = labels
            type.name += "x"
            stage.add(.test(type, in: 0))
        }
        let reports = stage.take().reports
        #expect(reports.map(\.entity.kind) == [.unknown, .unknown, .node, .node])
        #expect(reports[0].entity.podName == "netns:[0]")
    }

    /// A number goes from one namespace to another: what happened in the first stays the first's, what may have happened
    /// in either is nobody's.
    @Test func aNumberThatIsUsedAgainNamesNobodyElse() {
        var stage = stage(census: [:])
        let second: UInt64 = 1_000_000_000
        let id = NamespaceID(rawValue: 7)
        stage.look([id: 70], from: 1 * second, to: 1 * second + 10)
        stage.add(Census.test([7: "old"], cookies: [7: 70]))
        stage.add(.test(at: 1 * second - 5, port: 1))
        // The census is still the old one; the number is another's already.
        stage.look([id: 71], from: 2 * second, to: 2 * second + 10)
        for (time, port) in [(second / 2 * 3, UInt16(2)), (2 * second + 10, 3), (1 * second, 1), (2 * second + 20, 1)] {
            stage.add(.test(at: time, port: port))
        }
        var reports = stage.take().reports
        // The fourth repeats the first; the last would if it were the same namespace.
        #expect(
            reports.map { $0.tuple?.source.port } == [1, 2] && reports.map(\.entity.podName) == ["old", "netns:[7]"])
        #expect(stage.needsCensus && stage.held == 3)
        // A census that was begun before the number changed does not say who has it now.
        stage.add(Census.test([7: "old"], cookies: [7: 70]))
        #expect(stage.take().reports.isEmpty)
        stage.look([id: 71], from: 2 * second + 100, to: 2 * second + 110)
        stage.add(Census.test([7: "new"], cookies: [7: 71]))
        reports = stage.take().reports
        #expect(reports.map { $0.tuple?.source.port } == [3, 1] && reports.allSatisfy { $0.entity.podName == "new" })
        pass(second, &stage)
        reports = stage.take().reports
        #expect(reports.map(\.entity.podName) == ["old"] && reports.map(\.count) == [1])
        // Where looks fail, the census decides.
        stage.look(nil, from: 4 * second, to: 4 * second)
        stage.add(.test(at: 4 * second, port: 4))
        #expect(stage.take().reports.map(\.entity.podName) == ["new"])
    }

    @Test func endsAreNamed() {
        var peers = PeerTable()
        let db = Peer(kind: .pod, namespace: "shop", pod: "db")
        peers.add(IPAddress(v4: 0x0a00_0002), of: db, in: NamespaceID(rawValue: 8))
        var stage = stage(peers: peers)
        stage.add(.test())
        var loopback = ProbeEvent.test()
        loopback.tuple?.source.address = IPAddress(v6: 1)
        loopback.tuple?.destination.address = IPAddress(v6: 0xffff_7f00_0001)
        stage.add(loopback)
        let reports = stage.take().reports
        #expect(reports[0].source == .unknown && reports[0].destination == db)
        let own = Peer(kind: .pod, namespace: "shop", pod: "web")
        #expect(reports[1].source == own && reports[1].destination == own)
    }

    /// An end is whose it was when it happened, also when an event is reported late.
    @Test func endsAreThoseOfTheTime() {
        var peers = PeerTable()
        let (old, new) = (Peer(kind: .pod, pod: "old"), Peer(kind: .pod, pod: "new"))
        peers.add(IPAddress(v4: 0x0a00_0002), of: old, in: NamespaceID(rawValue: 8), time: 0...100)
        peers.add(IPAddress(v4: 0x0a00_0002), of: new, in: NamespaceID(rawValue: 9), time: 100...UInt64.max)
        var stage = stage(peers: peers) { $0.foldWindow = .zero }
        for time in [99, 100, 101, 0] as [UInt64] { stage.add(.test(at: time)) }
        #expect(stage.take().reports.map(\.destination) == [old, .unknown, new, new])
    }

    @Test func aClockThatIsSetIsFollowed() {
        var stage = stage { $0.foldWindow = .zero }
        let wall = 1_700_000_000_000_000_000 as UInt64
        func report(at time: UInt64) -> UInt64? {
            stage.add(.test(at: time))
            return stage.take().reports.first?.timestamp
        }
        #expect(report(at: 999_999_990) == wall - 10)
        // Readings that differ by chance change nothing, a step does.
        clocks.wall.add(50_000, ordering: .relaxed)
        stage.clock.update()
        #expect(report(at: 999_999_990) == wall - 10)
        clocks.wall.subtract(3_600_000_000_000, ordering: .relaxed)
        stage.clock.update()
        #expect(report(at: 999_999_990) == wall - 3_600_000_000_000 + 50_000 - 10)
        // No time, and one in the future, are now.
        #expect(report(at: 0) == report(at: 1_000_000_000))
        #expect(report(at: .max) == report(at: 1_000_000_000))
    }
}
