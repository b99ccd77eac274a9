// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

/// Both sources of the io probe agree with `/proc/<pid>/io` on processes that read and write storage.
@Suite(.serialized, .requiresRoot)
struct IOEqualityTests {
    @Test func agreesOnTheIOOfLiveProcesses() throws {
        let namespace = try TestNamespace()
        // Not below /tmp, which may be memory.
        let storage = URL(filePath: "/var/tmp/skoop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: storage, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: storage) }
        let one = try namespace.hold(python: Self.program(storage.appending(path: "one").path()))
        let two = try namespace.hold(python: Self.program(storage.appending(path: "two").path()))
        defer {
            one.kill()
            two.kill()
        }
        let pids = [one.pid, two.pid]
        let census = try Self.census(namespace, pids)
        // The pass begins when threads and children have come and gone already.
        var pass = try ProbeBench(["io"], .onePass, census)
        var files = try ProbeBench(["io"], .procfs, census)
        func compare() throws -> [Series: UInt64] {
            let witness = { try Self.accounting(of: pids) }
            let (read, shown) = try quietly(witness) { try pass.read() }
            #expect(read.differences(from: shown) == [])
            let (second, shownAgain) = try quietly(witness) { try files.read() }
            #expect(second.differences(from: shownAgain) == [])
            return read
        }
        let before = try compare()
        #expect(before.count == IOMetric.allCases.count && before.zeros == [])

        // Now others come and go under its eyes.
        for pid in pids { kill(pid, SIGUSR1) }
        let isDone = eventually {
            ["one", "two"].allSatisfy {
                FileManager.default.fileExists(atPath: storage.appending(path: $0 + ".done").path())
            }
        }
        try #require(isDone)
        let after = try compare()
        #expect(after.allSatisfy { $0.value > before[$0.key] ?? 0 })
    }

    /// Writes and reads a file in the process itself, in a thread and in a child; again on SIGUSR1.
    private static func program(_ path: String) -> String {
        """
        import os, signal, threading
        def use(name, size):
            file = os.open(name, os.O_CREAT | os.O_RDWR)
            os.write(file, b"x" * size)
            os.fsync(file)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.lseek(file, 0, os.SEEK_SET)
            while os.read(file, 100000):
                pass
            os.close(file)
        def use_all(*_):
            use("\(path)", 1000000)
            thread = threading.Thread(target=use, args=("\(path).thread", 600000))
            thread.start()
            thread.join()
            child = os.fork()
            if child == 0:
                use("\(path).child", 400000)
                os._exit(0)
            os.waitpid(child, 0)
        def again(*_):
            use_all()
            os.close(os.open("\(path).done", os.O_CREAT | os.O_WRONLY))
        signal.signal(signal.SIGUSR1, again)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
        use_all()
        """
    }

    private static func census(_ namespace: borrowing TestNamespace, _ pids: [Int32]) throws -> Census {
        let node = NetworkNamespace(id: try .ofProcess(getpid()), pid: getpid())
        let processes = pids.map {
            HostProcess(pid: $0, startTime: 1, namespace: NamespaceID(rawValue: namespace.inode), cgroup: "/")
        }
        return .test(node: node, [NetworkNamespace(mountOf: namespace)], processes: processes)
    }

    private static func accounting(of pids: [Int32]) throws -> [Series: UInt64] {
        let fields: [(String, IOMetric)] = [
            ("syscr", .readsyscall), ("syscw", .writesyscall), ("read_bytes", .readbytes), ("write_bytes", .writebytes),
        ]
        var values: [Series: UInt64] = [:]
        for pid in pids {
            let lines = try String(contentsOfFile: "/proc/\(pid)/io", encoding: .utf8).split(separator: "\n")
            for (field, metric) in fields {
                let line = try #require(lines.first { $0.hasPrefix(field + ": ") })
                let series = Series(metric: metric.metric.name, entity: 1)
                values[series, default: 0] += try #require(UInt64(line.dropFirst(field.count + 2)))
            }
        }
        return values
    }
}
