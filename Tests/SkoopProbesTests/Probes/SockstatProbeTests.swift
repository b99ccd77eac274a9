// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite struct SockstatProbeTests {
    @Test func readsTheFixture() throws {
        var probe = try SockstatProbe(ProbeEnvironment(host: .fixture))
        let scrape = Scrape(number: 1, census: .test(node: .fixture))
        let families = try probe.collect(scrape)
        #expect(SockstatMetric.allCases.map { families.value($0) } == [20, 9, 2, 2, 0, 0, 0, 0, 7, 2, 0, 0, 0, 0])
        #expect(scrape.problems.all.isEmpty)
    }

    @Test func damagedFilesAreSurvived() throws {
        var random = SeededGenerator()
        let original = try Fixtures.bytes("procfs/proc/4242/net/sockstat")
        let directory = try TemporaryDirectory()
        try directory.link("4242/ns/net", to: "net:[4026532999]")
        for bytes in mutations(of: original, count: 100, using: &random) {
            try directory.write(bytes, to: "4242/net/sockstat")
            var probe = try SockstatProbe(ProbeEnvironment(host: .init(proc: directory.path)))
            let families = try probe.collect(Scrape(number: 1, census: .test(node: .fixture)))
            #expect(families.count == SockstatMetric.allCases.count, "seed \(random.seed)")
        }
    }
}

@Suite(.serialized, .requiresRoot) struct SockstatProbeLiveTests {
    @Test func everyNamespaceHasItsOwn() throws {
        let busy = try TestNamespace()
        let idle = try TestNamespace()
        let holder = try busy.hold(
            python: """
                import socket
                keep = []
                for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
                    for i in range(3):
                        s = socket.socket(family, socket.SOCK_DGRAM); s.bind((address, 0)); keep.append(s)
                    keep.append(socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_UDP))
                    s = socket.socket(family); s.bind((address, 7000)); s.listen(5); keep.append(s)
                    keep.append(socket.create_connection((address, 7000))); keep.append(s.accept()[0])
                """)
        let pid = holder.pid
        var probe = try SockstatProbe(ProbeEnvironment())
        let scrape = Scrape(
            number: 1,
            census: try .live([
                NetworkNamespace(id: NamespaceID(rawValue: busy.inode), pid: pid), NetworkNamespace(mountOf: idle),
            ]))
        let families = try probe.collect(scrape)
        let expected: [(SockstatMetric, UInt64)] = [
            (.tcpInuse, 3), (.udpInuse, 3), (.rawInuse, 1), (.tcp6Inuse, 3), (.udp6Inuse, 3), (.raw6Inuse, 1),
        ]
        for (metric, value) in expected {
            #expect(families.value(metric, 1) == value, "\(metric)")
            #expect(families.value(metric, 2) == 0, "\(metric)")
        }
        #expect(families.rows(SockstatMetric.tcpInuse) == 3)
        // iproute2 reads the same: "TCP 6 3 3" in its table of transports.
        let summary = try busy.run("ss", "-s").split(separator: "\n").first { $0.hasPrefix("TCP\t") }
        #expect(summary?.split(separator: " ").dropFirst(0).suffix(3).map(String.init) == ["6", "3", "3"])
        #expect(scrape.problems.all.isEmpty)
    }
}
