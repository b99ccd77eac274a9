// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopSystem
import SkoopTesting
import Testing

@Suite struct FileFollowerTests {
    /// A thread that counts what a follower tells.
    private final class Watcher: Sendable {
        let follower: FileFollower
        private let count = Monitor(0)
        private let hasEnded = Monitor(false)

        init(_ paths: [String], lookingEvery look: Duration = .seconds(10)) throws {
            let follower = try FileFollower(lookingEvery: look)
            self.follower = follower
            follower.follow(paths)
            let (count, hasEnded) = (count, hasEnded)
            _ = try WorkerThread(name: "follower") {
                while follower.wait() { count.update { $0 += 1 } }
                hasEnded.update { $0 = true }
            }
        }

        var told: Int { count.update { $0 } }

        /// Expects that a change is told that `body` makes.
        func notices(_ body: () throws -> Void) rethrows {
            let before = told
            try body()
            #expect(eventually { told > before })
        }

        func stop() -> Bool {
            follower.stop()
            return eventually { hasEnded.update { $0 } }
        }

        deinit { follower.stop() }
    }

    @Test func writingInPlaceAndRenamingAreTold() throws {
        let directory = try TemporaryDirectory()
        try directory.write("0", to: "a.yaml")
        let path = directory.path + "/a.yaml"
        let watcher = try Watcher([path])
        for number in 1...3 {
            try watcher.notices {
                let file = try #require(FileHandle(forWritingAtPath: path))
                try file.truncate(atOffset: 0)
                try file.write(contentsOf: Data("\(number)".utf8))
                try file.close()
            }
            try watcher.notices {
                try directory.write("renamed \(number)", to: ".a.yaml.swp")
                #expect(rename(directory.path + "/.a.yaml.swp", path) == 0)
            }
        }
        #expect(watcher.stop())
    }

    /// As the kubelet does it: a directory for each version, and a link that is renamed over the other.
    @Test func aConfigMapIsFollowedAgainAndAgain() throws {
        let directory = try TemporaryDirectory()
        try directory.write("0", to: "..v0/config.yaml")
        try directory.link("..data", to: "..v0")
        try directory.link("config.yaml", to: "..data/config.yaml")
        let watcher = try Watcher([directory.path + "/config.yaml"])
        for number in 1...5 {
            try watcher.notices {
                try directory.write("\(number)", to: "..v\(number)/config.yaml")
                try directory.link("..data_tmp", to: "..v\(number)")
                #expect(rename(directory.path + "/..data_tmp", directory.path + "/..data") == 0)
                try FileManager.default.removeItem(atPath: directory.path + "/..v\(number - 1)")
            }
        }
        #expect(watcher.stop())
    }

    @Test func aFileThatGoesWithItsDirectoryIsToldWhenItIsBack() throws {
        let directory = try TemporaryDirectory()
        try directory.write("0", to: "below/etc/a.yaml")
        try directory.link("a.yaml", to: directory.path + "/below/../below/etc/a.yaml")
        let watcher = try Watcher([directory.path + "/a.yaml"])
        for number in 1...3 {
            try watcher.notices { try FileManager.default.removeItem(atPath: directory.path + "/below") }
            try watcher.notices { try directory.write("\(number)", to: "below/etc/a.yaml") }
            try watcher.notices { try directory.write("\(number) again", to: "below/etc/a.yaml") }
        }
        #expect(watcher.stop())
    }

    @Test func neighboursAreNotTold() throws {
        let directory = try TemporaryDirectory()
        try directory.write("0", to: "a.yaml")
        let watcher = try Watcher([directory.path + "/a.yaml"])
        for number in 0..<20 { try directory.write("\(number)", to: "other.log") }
        watcher.notices { watcher.follower.call() }
        // Nothing but the call, which came after all of the others.
        #expect(watcher.told == 1)
        #expect(watcher.stop())
    }

    /// A second name in another directory: the kernel tells those who watch that one only.
    @Test func whatTheKernelDoesNotTellIsLookedAt() throws {
        let directory = try TemporaryDirectory()
        try directory.write("0", to: "here/a.yaml")
        try FileManager.default.createDirectory(atPath: directory.path + "/there", withIntermediateDirectories: false)
        #expect(link(directory.path + "/here/a.yaml", directory.path + "/there/b.yaml") == 0)
        func change(_ number: Int) throws {
            let file = try #require(FileHandle(forWritingAtPath: directory.path + "/there/b.yaml"))
            try file.seekToEnd()
            try file.write(contentsOf: Data("\(number)".utf8))
            try file.close()
        }
        let deaf = try Watcher([directory.path + "/here/a.yaml"], lookingEvery: .seconds(3600))
        let watcher = try Watcher([directory.path + "/here/a.yaml"], lookingEvery: .milliseconds(50))
        for number in 1...3 { try watcher.notices { try change(number) } }
        deaf.notices { deaf.follower.call() }
        #expect(deaf.told == 1)
        #expect(watcher.stop() && deaf.stop())
    }

    @Test func aTrailHasEveryLink() throws {
        let directory = try TemporaryDirectory()
        let path = URL(filePath: directory.path).resolvingSymlinksInPath().path()
        try directory.write("", to: "real/file")
        try directory.link("inner", to: "real")
        try directory.link("outer", to: "\(path)/inner/file")
        func steps(_ path: String) -> [String] { PathTrail(path).steps.map { "\($0.directory) \($0.name)" } }
        #expect(steps(path + "/./outer") == ["\(path) outer", "\(path) inner", "\(path)/real file"])
        #expect(steps(path + "/gone/file") == ["\(path) gone"])
        try directory.link("loop", to: "loop")
        #expect(PathTrail(path + "/loop").steps.count == 41)
        #expect(PathTrail("/").steps.isEmpty)
    }
}
