// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite struct FDProbeTests {
    private let pod = NetworkNamespace(id: NamespaceID(rawValue: 7), pid: 1)

    /// Collects with the processes given by number; all belong to the namespace 7.
    private func collect(_ pids: [Int32], proc: String = "/proc") throws -> ([Family], [String: UInt64]) {
        var probe = try FDProbe(ProbeEnvironment(host: .init(proc: proc)))
        let census = Census.test(
            node: .fixture, [pod],
            processes: pids.map { HostProcess(pid: $0, startTime: 1, namespace: pod.id, cgroup: "/") })
        let scrape = Scrape(number: 1, census: census)
        return (try probe.collect(scrape), scrape.problems.all)
    }

    @Test func descriptorsOfAllProcessesAddUp() throws {
        let directory = try TemporaryDirectory()
        for (link, target) in [
            ("1/fd/0", "/dev/null"), ("1/fd/1", "/dev/null"), ("1/fd/2", "pipe:[12]"), ("1/fd/3", "socket:[99]"),
            ("1/fd/44", "socket:[99]"), ("2/fd/0", "socket:[100]"), ("2/fd/1", "sock"), ("2/fd/2", "/socket:[1]"),
        ] { try directory.link(link, to: target) }
        // Process 3 has ended.
        let (families, problems) = try collect([1, 2, 3], proc: directory.path)
        #expect(families.value(FDMetric.openfd, 1) == 8)
        #expect(families.value(FDMetric.opensocket, 1) == 3)
        // One row per metric and entity: a second one has cost a whole page elsewhere.
        #expect(families.map(\.count) == [1, 1])
        #expect(problems.isEmpty)
    }

    @Test func whoHasNoProcessHasNoRow() throws {
        let directory = try TemporaryDirectory()
        let (families, problems) = try collect([3], proc: directory.path)
        #expect(families.map(\.count) == [0, 0])
        #expect(problems.isEmpty)
    }

    @Test func aProcessThatCannotBeReadTakesTheRow() throws {
        let directory = try TemporaryDirectory()
        try directory.link("1/fd/0", to: "/dev/null")
        try directory.write("no directory", to: "2/fd")
        let (families, problems) = try collect([1, 2], proc: directory.path)
        #expect(families.map(\.count) == [0, 0])
        #expect(problems == ["fd-unreadable": 1])
    }
}

@Suite(.serialized, .requiresRoot) struct FDProbeLiveTests {
    @Test func agreesWithTheShellsView() throws {
        let namespace = try TestNamespace()
        let holder = try namespace.hold(
            python: """
                import socket
                keep = [socket.socket() for i in range(300)] + [open('/dev/null') for i in range(500)]
                """)
        let pid = holder.pid
        var probe = try FDProbe(ProbeEnvironment())
        let scrape = Scrape(
            number: 1, census: try .live([NetworkNamespace(id: NamespaceID(rawValue: namespace.inode), pid: pid)]))
        let families = try probe.collect(scrape)
        let links = try run("find", "/proc/\(pid)/fd", "-mindepth", "1", "-printf", "%l\\n").split(separator: "\n")
        #expect(families.value(FDMetric.openfd, 1) == UInt64(links.count))
        #expect(families.value(FDMetric.opensocket, 1) == UInt64(links.filter { $0.hasPrefix("socket:") }.count))
        #expect(families.value(FDMetric.opensocket, 1) ?? 0 >= 300)
        #expect(scrape.problems.all.isEmpty)
    }
}
