// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

/// The one pass, `/proc` and iproute2 agree on every counter and every socket of quiet namespaces.
@Suite(.serialized, .requiresRoot)
struct CounterEqualityTests {
    private static let counters = ["tcp", "udp", "ip", "tcpext", "icmp", "ip6", "udp6", "icmp6"]

    @Test func agreesOnEveryMetricAfterTrafficOfEveryKind() throws {
        let network = try TrafficNetwork.make()
        let holder = try network.holdSockets()
        defer { holder.kill() }
        let probes = Self.counters + ["tcpsummary"]
        var pass = try ProbeBench(probes, .onePass, try network.census())
        var files = try ProbeBench(probes, .procfs, try network.census())

        let (read, shown) = try quietly {
            try files.read()
        } _: {
            try pass.read()
        }
        // The only value that /proc does not show; it is compared with ss below.
        let limit = TCPSummaryExtraMetric.acceptQueueLimit.metric.name
        #expect(read.filter { $0.key.metric != limit }.differences(from: shown) == [])
        #expect(shown.keys.allSatisfy { $0.metric != limit })

        try compareWithNstat(network, &pass)
        try compareWithSockets(network, &pass)

        // What is always zero would agree also if it were read from a wrong place.
        #expect(read.zeros == Set(Self.unreachable.keys), "see the list of exceptions")
        #expect(Set(read.keys.map(\.metric)).isSuperset(of: Self.spellings.keys), "all metrics are compared")
    }

    /// Metrics that no traffic of two namespaces can raise, and why.
    private static let unreachable: [String: String] = {
        let memory = "net.ipv4.tcp_mem and udp_mem are limits of the whole host, which a test must not exhaust"
        var reasons: [Metric: String] = [
            TCPExtMetric.tcpmemorypressures.metric: memory,
            TCPExtMetric.tcpmemorypressureschrono.metric: memory,
            TCPExtMetric.tcpabortonmemory.metric: memory + ", and so is net.ipv4.tcp_max_orphans",
            UDP6Metric.memErrors.metric: memory,
            TCPExtMetric.pfmemallocdrop.metric: "needs swapping over the network",
            IPMetric.indiscards.metric: "needs failing allocations: the kernel counts nothing else there for IPv4",
            IP6Metric.inBcastOctets.metric: "IPv6 has no broadcast",
            IP6Metric.outBcastOctets.metric: "IPv6 has no broadcast",
        ]
        for metric: TCPExtExtraMetric in [
            .syncookiesSent, .requestQueueFullDrop, .requestQueueFullCookies, .timeWaitOverflow, .outOfOrderPruned,
            .reversePathFilter, .pawsTimeWait,
        ] { reasons[metric.metric] = "raised by the scenarios that judge the rules" }
        if !FileManager.default.fileExists(atPath: "/proc/sys/net/ipv4/tcp_shrink_window") {
            reasons[TCPExtMetric.tcpzerowindowdrop.metric] = "needs net.ipv4.tcp_shrink_window, since 6.6"
        }
        var names = Dictionary(uniqueKeysWithValues: reasons.map { ($0.name, $1) })
        names[TCPSummaryExtraMetric.sockets.metric.name + "close"] = "a closed socket is in no table of the kernel"
        return names
    }()

    /// What nstat calls each metric.
    private static let spellings: [String: String] = {
        func names<Metrics: MetricSet>(of _: Metrics.Type) -> [(String, String)] {
            Metrics.allCases.compactMap { metric in
                metric.mib.map { (metric.metric.name, $0.table.rawValue + $0.field) }
            }
        }
        return Dictionary(
            uniqueKeysWithValues: names(of: TCPMetric.self) + names(of: UDPMetric.self) + names(of: IPMetric.self)
                + names(of: TCPExtMetric.self) + names(of: TCPExtExtraMetric.self) + names(of: ICMPMetric.self)
                + names(of: IP6Metric.self)
                + names(of: UDP6Metric.self) + names(of: ICMP6Metric.self))
    }()

    private func compareWithNstat(_ network: borrowing TrafficNetwork, _ pass: inout ProbeBench) throws {
        let (read, shown) = try quietly {
            let tables = [try Iproute2.nstat(network.left), try Iproute2.nstat(network.right)]
            var values: [Series: UInt64] = [:]
            for (position, table) in tables.enumerated() {
                for (metric, name) in Self.spellings {
                    values[Series(metric: metric, entity: EntityTable.Index(position + 1))] = table[name]
                }
            }
            return values
        } _: {
            try pass.read().filter { Self.spellings[$0.key.metric] != nil }
        }
        let hidden = Set(read.keys).subtracting(shown.keys)
        #expect(
            Set(hidden.compactMap { Self.spellings[$0.metric] }) == ["TcpCurrEstab", "IpForwarding", "IpDefaultTTL"])
        #expect(read.filter { !hidden.contains($0.key) }.differences(from: shown) == [])
    }

    private func compareWithSockets(_ network: borrowing TrafficNetwork, _ pass: inout ProbeBench) throws {
        let (read, shown) = try quietly {
            try Iproute2.sockets(network.left, 1).merging(try Iproute2.sockets(network.right, 2)) { $1 }
        } _: {
            try pass.read().filter { Self.spellings[$0.key.metric] == nil }
        }
        #expect(read.differences(from: shown) == [])
    }

    @Test func readsANamespaceWithoutAProcess() throws {
        let namespace = try TestNamespace()
        try namespace.run(
            "python3", "-c",
            """
            import socket
            for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
                listener = socket.create_server((host, 0), family=family)
                client = socket.create_connection(listener.getsockname()[:2])
                socket.socket(family, socket.SOCK_DGRAM).sendto(b"late", (host, 9))
            """)
        var reader = HostInventoryReader()
        let inventory = try reader.read()
        let id = NamespaceID(rawValue: namespace.inode)
        #expect(try #require(inventory.namespaces.first { $0.id == id }).pid == nil)
        let census = try Census.live([NetworkNamespace(mountOf: namespace)])
        var pass = try ProbeBench(Self.counters, .onePass, census)
        var files = try ProbeBench(Self.counters, .procfs, census)
        let (read, shown) = try quietly {
            try files.read()
        } _: {
            try pass.read()
        }
        #expect(read.differences(from: shown) == [])
        #expect(read[Series(metric: TCPMetric.activeopens.metric.name, entity: 1)] == 2)
        #expect(read[Series(metric: UDP6Metric.noPorts.metric.name, entity: 1)] == 1)
    }
}
