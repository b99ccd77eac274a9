// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@testable import SkoopEvents

@Suite struct SinkBoardTests {
    func file(_ path: String) -> PipelineSink {
        PipelineSink(SinkKind(FileSink.self), SinkEnvironment(arguments: ["path": .string(path)], node: "node"))
    }

    func board(_ sinks: [PipelineSink]) throws -> SinkBoard { try SinkBoard(sinks, capacity: 5000) { _ in } }

    func lines(_ path: String) -> Int {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n").count
    }

    @Test func aSuccessorDeliversWhatWaits() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/events.json"
        let board = try board([file(directory.path + "/missing/events.json")])
        board.offer((1...10).map { .test($0) })
        #expect(eventually { board.all[0].status.retries > 0 })
        try board.apply([file(path)], capacity: 1000)
        board.offer((11...12).map { .test($0) })
        #expect(eventually { lines(path) == 12 })
        let status = board.all.map(\.status)
        #expect(status.map(\.name) == ["file"] && status[0].state == .running && status[0].target == path)
        #expect(status[0].delivered == 12 && status[0].lost.isEmpty && status[0].error == nil)
        for sink in board.all { sink.close(within: .seconds(5)) }
    }

    @Test func whatStaysIsTheSameWhatGoesDelivers() throws {
        let directory = try TemporaryDirectory()
        let paths = (0..<4).map { "\(directory.path)/\($0).json" }
        let board = try board([file(paths[0]), file(paths[1])])
        let first = board.running[0]
        for round in 0..<20 {
            board.offer((1...50).map { .test($0) })
            // The first stays, whatever its place; the other goes, comes, and is another one.
            let others = [[], [file(paths[1])], [file(paths[2])], [file(paths[3]), file(paths[1])]][round % 4]
            try board.apply(round % 2 == 0 ? [file(paths[0])] + others : others + [file(paths[0])], capacity: 5000)
            #expect(board.running.contains { $0 === first })
        }
        #expect(eventually { lines(paths[0]) == 1000 })
        #expect(first.status.delivered == 1000)
        // Those that have left have delivered; nothing was lost on the way.
        #expect(eventually { board.all.allSatisfy { $0.status.queued == 0 } })
        #expect(board.all.allSatisfy { $0.status.lost.isEmpty })
        #expect(Set(board.all.map(\.name)).count == board.all.count)
        for sink in board.all { sink.close(within: .seconds(5)) }
    }

    @Test func aStreamKeepsWhatFits() {
        let stream = EventStream(capacity: 4)
        stream.publish((1...6).map { .test($0) })
        func kept() -> [UInt64] { stream.read(from: 0, atMost: 100).events.map(\.timestamp) }
        stream.resize(to: 8)
        #expect(kept() == [3, 4, 5, 6] && stream.oldest == 3)
        stream.publish((7...13).map { .test($0) })
        #expect(kept() == Array(6...13))
        stream.resize(to: 3)
        #expect(kept() == [11, 12, 13] && stream.oldest == 11)
        stream.publish([.test(14)])
        #expect(kept() == [12, 13, 14] && stream.read(from: 13, atMost: 1).first == 13)
    }

    @Test func aTableThatFoldsNoMoreLetsGo() {
        var stage = EventStage(node: "node", limits: EventLimits())
        var limits = EventLimits()
        stage.clock = WallClock(monotonic: { 1_000_000_000 }, wall: { 0 })
        var event = ProbeEvent.test()
        event.namespace = NamespaceID(rawValue: 0)
        event.tuple = nil
        for _ in 0..<5 { stage.add(event) }
        #expect(stage.take().reports.count == 1 && stage.held == 4)
        limits.foldWindow = .zero
        stage.follow(limits)
        stage.tick()
        #expect(stage.held == 0 && stage.take().reports.map(\.count) == [4])
        stage.add(event)
        stage.add(event)
        #expect(stage.take().reports.map(\.count) == [1, 1])
    }
}
