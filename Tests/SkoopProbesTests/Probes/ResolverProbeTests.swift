// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite struct ResolverProbeTests {
    private static let pods = [7, 8].map { NetworkNamespace(id: NamespaceID(rawValue: $0), pid: 1) }

    private func scrape(_ number: UInt64, _ processes: [(pid: Int32, namespace: UInt64)]) -> Scrape {
        let processes = processes.map {
            HostProcess(pid: $0.pid, startTime: 1, namespace: NamespaceID(rawValue: $0.namespace), cgroup: "/")
        }
        return Scrape(number: number, census: .test(node: .fixture, Self.pods, processes: processes))
    }

    @Test func theFirstProcessTellsAndLinksDoNotLeadOut() throws {
        let proc = try TemporaryDirectory()
        try proc.write("nameserver 10.0.0.1\noptions ndots:5 timeout:1\n", to: "11/root/etc/resolv.conf")
        try proc.write("options ndots:9\n", to: "12/root/etc/resolv.conf")
        // An absolute link, as systemd makes it, means the container's own file and none of this host.
        try proc.write("options ndots:3\n", to: "13/root/run/own.conf")
        try proc.link("13/root/etc/resolv.conf", to: "/run/own.conf")
        var probe = try ResolverProbe(ProbeEnvironment(host: .init(proc: proc.path)))
        let first = scrape(1, [(11, 7), (12, 7), (13, 8)])
        var families = try probe.collect(first)
        #expect(families.value(ResolverMetric.ndots, 1) == 5 && families.value(ResolverMetric.ndots, 2) == 3)
        #expect(families.value(ResolverMetric.timeout, 1) == 1 && families.value(ResolverMetric.nameservers, 1) == 1)
        #expect(first.problems.all.isEmpty)
        // The file is read again when that process has ended, and now and then.
        try proc.write("options ndots:4\n", to: "11/root/etc/resolv.conf")
        families = try probe.collect(scrape(2, [(11, 7), (13, 8)]))
        #expect(families.value(ResolverMetric.ndots, 1) == 5)
        families = try probe.collect(scrape(3, [(12, 7), (13, 8)]))
        #expect(families.value(ResolverMetric.ndots, 1) == 9)
        families = try probe.collect(scrape(4, [(11, 7), (13, 8)]))
        #expect(families.value(ResolverMetric.ndots, 1) == 4)
        try proc.write("options ndots:6\n", to: "11/root/etc/resolv.conf")
        for number in 5..<21 as Range<UInt64> { families = try probe.collect(scrape(number, [(11, 7), (13, 8)])) }
        #expect(families.value(ResolverMetric.ndots, 1) == 6)
    }

    /// Somebody who looks around in a pod's network brings the node's files along.
    @Test func aProcessWithFilesOfItsOwnTells() throws {
        let proc = try TemporaryDirectory()
        for (pid, mounts) in [(1, "a"), (11, "a"), (12, "b")] {
            try proc.write("", to: "namespaces/\(mounts)")
            try proc.link("\(pid)/ns/mnt", to: proc.path + "/namespaces/" + mounts)
            try proc.write("options ndots:\(pid)\n", to: "\(pid)/root/etc/resolv.conf")
        }
        var probe = try ResolverProbe(ProbeEnvironment(host: .init(proc: proc.path)))
        #expect(try probe.collect(scrape(1, [(11, 7), (12, 7)])).value(ResolverMetric.ndots, 1) == 12)
    }

    @Test func whatIsNoFileIsNotReadAndNothingWaits() throws {
        let proc = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: proc.path + "/11/root/etc", withIntermediateDirectories: true)
        #expect(mkfifo(proc.path + "/11/root/etc/resolv.conf", 0o600) == 0)
        try FileManager.default.createDirectory(atPath: proc.path + "/12/root", withIntermediateDirectories: true)
        var probe = try ResolverProbe(ProbeEnvironment(host: .init(proc: proc.path)))
        let scrape = scrape(1, [(11, 7), (12, 8)])
        #expect(try probe.collect(scrape).allSatisfy { $0.count == 0 })
        #expect(scrape.problems.all == ["resolver-unreadable": 1])
    }
}

@Suite(.serialized, .requiresRoot) struct ResolverProbeLiveTests {
    @Test func aProcessWithItsOwnFileOnTheRealHost() throws {
        let directory = try TemporaryDirectory()
        try directory.write("nameserver 192.0.2.7\nsearch a b c\noptions ndots:5 use-vc\n", to: "resolv.conf")
        let process = try TestProcess(
            "unshare", "-m", "sh", "-c",
            "mount --bind \(directory.path)/resolv.conf /etc/resolv.conf && exec sleep 1000")
        var probe = try ResolverProbe(ProbeEnvironment())
        let pid = process.pid
        let pod = NetworkNamespace(id: NamespaceID(rawValue: 7), pid: 1)
        let census = Census.test(
            node: .fixture, [pod],
            processes: [HostProcess(pid: pid, startTime: 1, namespace: pod.id, cgroup: "/")])
        let seen = try eventually {
            // At this number the file is read again.
            let families = try probe.collect(Scrape(number: 15, census: census))
            return families.value(ResolverMetric.searchDomains, 1) == 3
                && families.value(ResolverMetric.option, 1, labels: ["use-vc"]) == 1
        }
        #expect(seen)
        process.kill()
    }
}
