// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite struct SockProbeTests {
    @Test func readsTheNodesSockets() throws {
        var probe = try SockProbe(ProbeEnvironment(host: .fixture))
        let scrape = Scrape(number: 1, census: .test(node: .fixture))
        let families = try probe.collect(scrape)
        // `ss -s` of the same state says 16 TCP sockets, 9 of IPv4 and 7 of IPv6.
        #expect(try Fixtures.text("procfs/witness/ss-s.txt").contains("TCP\t  16        9         7"))
        #expect(families.value(SockMetric.inuse) == 16)
        #expect(families.value(SockMetric.orphan) == 0)
        #expect(families.value(SockMetric.tw) == 2)
        #expect(families.value(SockMetric.alloc) == 17)
        #expect(families.value(SockMetric.mem) == 955)
        #expect(scrape.problems.all.isEmpty)
    }

    @Test func withoutIPv6OneFileIsEnough() throws {
        let directory = try TemporaryDirectory()
        try directory.link("4242/ns/net", to: "net:[4026532999]")
        try directory.write("sockets: used 20\nTCP: inuse 9 orphan x tw 2 alloc\n", to: "4242/net/sockstat")
        var probe = try SockProbe(ProbeEnvironment(host: .init(proc: directory.path)))
        let scrape = Scrape(number: 1, census: .test(node: .fixture))
        let families = try probe.collect(scrape)
        #expect(SockMetric.allCases.map { families.value($0) } == [9, nil, 2, nil, nil])
        #expect(scrape.problems.all == ["sockstat-line": 2])
    }

    @Test func aNodeWithoutAProcessIsAnError() throws {
        var probe = try SockProbe(ProbeEnvironment(host: .init(proc: "/nonexistent")))
        let error = #expect(throws: ProbeError.self) {
            try probe.collect(Scrape(number: 1, census: .test(node: .fixture)))
        }
        #expect(error?.reason == .unreadable)
    }
}
