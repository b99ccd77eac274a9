// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@testable import SkoopEvents

@Suite struct FileSinkTests {
    func events(_ numbers: ClosedRange<UInt64>) -> ArraySlice<Event> { numbers.map { .test($0) }[...] }

    /// The times of the events in a file.
    func times(_ path: String) throws -> [UInt64] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map { line in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return object?["timestamp"] as? UInt64 ?? 0
            }
    }

    func sink(_ path: String, _ arguments: [String: ArgumentValue] = [:]) throws -> FileSink {
        try FileSink(SinkEnvironment(arguments: arguments.merging(["path": .string(path)]) { $1 }))
    }

    @Test func linesAreAppended() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/events.json"
        var sink = try sink(path)
        #expect(try sink.deliver(events(1...3)) == SinkReceipt(delivered: 3))
        #expect(try sink.deliver(events(4...4)) == SinkReceipt(delivered: 1))
        var other = try self.sink(path)
        _ = try other.deliver(events(5...5))
        _ = try sink.deliver(events(6...6))
        #expect(try times(path) == Array(1...6))
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? Int ?? 0o777) & 0o7 == 0)
    }

    @Test func aLargeFileMakesRoom() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/events.json"
        var encoded = try FileSink(path: path, maxSize: 0, maxFiles: 0)
        _ = try encoded.deliver(events(10...10))
        let line = try Data(contentsOf: URL(filePath: path)).count
        try FileManager.default.removeItem(atPath: path)
        // Three lines fit.
        var sink = try FileSink(path: path, maxSize: 3 * line + 1, maxFiles: 2)
        #expect(try sink.deliver(events(11...15)) == SinkReceipt(delivered: 5))
        #expect(try times(path) == [14, 15] && times(path + ".1") == [11, 12, 13])
        for number in UInt64(16)...24 { _ = try sink.deliver(events(number...number)) }
        #expect(try times(path) == [23, 24])
        #expect(try times(path + ".1") == [20, 21, 22] && times(path + ".2") == [17, 18, 19])
        #expect(!FileManager.default.fileExists(atPath: path + ".3"))
        // A line that is longer than the file may be is written all the same.
        var tiny = try FileSink(path: path, maxSize: 1, maxFiles: 0)
        #expect(try tiny.deliver(events(30...31)) == SinkReceipt(delivered: 2))
        #expect(try times(path) == [31])
    }

    @Test func aFileThatWasMovedAwayIsOpenedAnew() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/events.json"
        var sink = try sink(path)
        _ = try sink.deliver(events(1...2))
        try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
        _ = try sink.deliver(events(3...3))
        #expect(try times(path) == [3] && times(path + ".old") == [1, 2])
        try FileManager.default.removeItem(atPath: path)
        sink.reopen()
        #expect(FileManager.default.fileExists(atPath: path))
        _ = try sink.deliver(events(4...4))
        #expect(try times(path) == [4])
    }

    @Test func whatCannotBeWrittenIsSaidAndTriedAgain() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/later/events.json"
        let error = #expect(throws: SinkError.self) { try sink(path) }
        #expect(
            error == SinkError(.unwritable, "open \(path): no such file or directory") && error?.isRetryable == true)
        for bad in ["", "events.json", "/tmp/"] {
            let error = #expect(throws: SinkError.self) { try sink(bad) }
            #expect(error?.reason == .invalidArgument && error?.isRetryable == false)
        }
        #expect(throws: SinkError.self) { try sink(directory.path) }
        let runner = try SinkRunner(
            PipelineSink(SinkKind(FileSink.self), SinkEnvironment(arguments: ["path": .string(path)])), capacity: 100,
            backoff: .init(first: .milliseconds(1), longest: .milliseconds(5)), log: { _ in })
        runner.offer(Array(events(1...3)))
        #expect(eventually { runner.status.retries > 2 })
        #expect(runner.status.state == .retrying && runner.status.queued == 3)
        try FileManager.default.createDirectory(atPath: directory.path + "/later", withIntermediateDirectories: true)
        #expect(eventually { runner.status.delivered == 3 })
        #expect(try times(path) == [1, 2, 3])
        runner.close(within: .seconds(5))
    }

    @Test func aFullDeviceTakesNothing() throws {
        var sink = try sink("/dev/full", ["maxSize": .integer(1)])
        let error = #expect(throws: SinkError.self) { try sink.deliver(events(1...3)) }
        #expect(error?.message == "write /dev/full: no space left on device")
    }

    @Test(.requiresRoot) func aFullFileSystemHasWholeLinesOnly() throws {
        let directory = try TemporaryDirectory()
        try run("mount", "-t", "tmpfs", "-o", "size=16k", "none", directory.path)
        defer { _ = try? run("umount", directory.path) }
        let path = directory.path + "/events.json"
        var sink = try sink(path)
        var delivered: UInt64 = 0
        var failure: SinkError?
        while failure == nil, delivered < 1000 {
            do {
                let receipt = try sink.deliver(events(delivered + 1...delivered + 10))
                delivered += UInt64(receipt.delivered)
                failure = receipt.error
            } catch { failure = error }
        }
        #expect(failure?.message == "write \(path): no space left on device")
        #expect(try times(path) == Array(1...delivered))
    }
}
