// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite struct ProcMIBReaderTests {
    private static let all = Catalogue.sets.flatMap { set in mibCounters(of: set) }

    private static func mibCounters(of set: any MetricSet.Type) -> [MIBCounter] {
        func open<Set: MetricSet>(_ set: Set.Type) -> [MIBCounter] { set.allCases.compactMap(\.mib) }
        return open(set)
    }

    /// A directory tree with one process, in it the files given.
    private func tree(_ files: [String: String]) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.link("7/ns/net", to: "net:[4242]")
        for (name, content) in files { try directory.write(content, to: "7/net/" + name) }
        return directory
    }

    private func read(_ counters: [MIBCounter], _ directory: borrowing TemporaryDirectory) -> (
        MIBTable, [String: UInt64]
    ) {
        let scrape = Scrape(
            number: 1, census: .test(node: NetworkNamespace(id: NamespaceID(rawValue: 4242), pid: 7)))
        let table = ProcMIBReader(counters, host: .init(proc: directory.path)).read(scrape)
        return (table, scrape.problems.all)
    }

    /// nstat of iproute2 printed the same state: every counter of the catalogue that it knows must agree.
    @Test func agreesWithNstat() throws {
        var nstat: [String: UInt64] = [:]
        for line in try Fixtures.text("procfs/witness/nstat-asz.txt").split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            nstat[String(fields[0])] = UInt64(fields[1])
        }
        let scrape = Scrape(number: 1, census: .test(node: .fixture))
        let table = ProcMIBReader(Self.all, host: .fixture).read(scrape)
        #expect(table.namespaces == [NetworkNamespace.fixture.id])
        var compared = 0
        var nonzero = 0
        for (column, counter) in Self.all.enumerated() {
            let name = counter.table.rawValue + counter.field
            // nstat leaves out what is no counter: settings and levels.
            guard let expected = nstat[name] else { continue }
            #expect(table.value(0, column) == expected, "\(name)")
            compared += 1
            if expected > 0 { nonzero += 1 }
        }
        #expect(compared > 130)
        #expect(nonzero > 20)
        #expect(scrape.problems.all.isEmpty)
    }

    @Test func columnsAreFoundByName() throws {
        let directory = try tree([
            "snmp": "Ip: Forwarding DefaultTTL\nIp: 2 64\nTcp: New RetransSegs MaxConn\nTcp: 9 5 -1\n",
            "snmp6": "Ip6InReceives                   \t7\nIp6Later 3\nIcmp6InType133 4\n",
        ])
        let counters: [MIBCounter] = [
            MIBCounter(.tcp, "RetransSegs", .enumerator("")), MIBCounter(.ip, "DefaultTTL", .setting("")),
            MIBCounter(.ip6, "InReceives", .enumerator("")), MIBCounter(.tcp, "Gone", .enumerator("")),
            MIBCounter(.tcpExt, "ListenDrops", .enumerator("")), MIBCounter(.udp, "Forwarding", .enumerator("")),
        ]
        let (table, problems) = read(counters, directory)
        #expect(counters.indices.map { table.value(0, $0) } == [5, 64, 7, nil, nil, nil])
        #expect(table.available == [true, true, true, false, false, false])
        #expect(problems.isEmpty)
    }

    @Test(
        arguments: [
            ("Tcp: A B\nTcp: 1 x\n", [1, nil], 1), ("Tcp: A B\nTcp: 1 18446744073709551616\n", [1, nil], 1),
            ("Tcp: A B\nTcp: 1\n", [nil, nil], 1), ("Tcp: A B\nTcp: 1 2 3\n", [nil, nil], 1),
            ("Tcp: A B\nTcp: -1 2\n", [nil, 2], 1), ("Tcp: A B\n", [nil, nil], 1), ("Tcp: 1 2\n", [nil, nil], 1),
            ("garbage\nTcp: A B\nTcp: 1 2\n", [1, 2], 1), ("Udp: A\nTcp: A B\nTcp: 1 2\n", [1, 2], 1),
            ("Tcp: A B\nTcp: 1 2", [1, 2], 0), ("", [nil, nil], 0), ("\n\n", [nil, nil], 2),
        ] as [(String, [UInt64?], UInt64)])
    func aMalformedLineLosesItsValuesOnly(text: String, values: [UInt64?], problems: UInt64) throws {
        let directory = try tree(["snmp": text])
        let counters = ["A", "B"].map { MIBCounter(.tcp, $0, .enumerator("")) }
        let (table, found) = read(counters, directory)
        #expect([table.value(0, 0), table.value(0, 1)] == values)
        #expect(found["snmp-line", default: 0] == problems)
    }

    @Test func aLossInOneNamespaceIsNotZero() throws {
        let directory = try tree(["snmp": "Tcp: A B\nTcp: 1 2\n"])
        try directory.link("8/ns/net", to: "net:[4343]")
        try directory.write("Tcp: A B\nTcp: 1 ?\n", to: "8/net/snmp")
        let scrape = Scrape(
            number: 1,
            census: .test(
                node: NetworkNamespace(id: NamespaceID(rawValue: 4242), pid: 7),
                [
                    NetworkNamespace(id: NamespaceID(rawValue: 4343), pid: 8),
                    // One process is gone, one has gone elsewhere.
                    NetworkNamespace(id: NamespaceID(rawValue: 4444), pid: 9),
                    NetworkNamespace(id: NamespaceID(rawValue: 4545), pid: 8),
                ]))
        let counters = ["A", "B"].map { MIBCounter(.tcp, $0, .enumerator("")) }
        let table = ProcMIBReader(counters, host: .init(proc: directory.path)).read(scrape)
        #expect(table.namespaces.map(\.rawValue) == [4242, 4343])
        #expect(table.value(1, 0) == 1)
        #expect(table.value(1, 1) == nil)
        #expect(scrape.problems.all == ["snmp-line": 1])
    }

    @Test func damagedFilesAreSurvived() throws {
        var random = SeededGenerator()
        for name in ["snmp", "netstat", "snmp6"] {
            let original = try Fixtures.bytes("procfs/proc/4242/net/" + name)
            for (round, bytes) in mutations(of: original, count: 40, using: &random).enumerated() {
                let directory = try tree([:])
                try directory.write(bytes, to: "7/net/" + name)
                let (table, _) = read(Self.all, directory)
                #expect(table.values.count == Self.all.count, "seed \(random.seed) round \(round)")
            }
        }
    }
}

@Suite(.serialized, .requiresRoot) struct ProcMIBReaderLiveTests {
    private static let counters = TCPMetric.allCases.compactMap(\.mib) + UDP6Metric.allCases.compactMap(\.mib)

    @Test func mountedNamespacesAreEntered() throws {
        let empty = try TestNamespace()
        let lived = try TestNamespace()
        let sleeper = try lived.start("sleep", "1000")
        // A connection refused over IPv4, a datagram for nobody over IPv6.
        let program = """
            import socket
            s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.sendto(b'x', ('::1', 9))
            try: socket.create_connection(('127.0.0.1', 9))
            except OSError: pass
            """
        try empty.run("python3", "-c", program)
        let pid = sleeper.pid
        let scrape = Scrape(
            number: 1,
            census: try .live([
                NetworkNamespace(mountOf: empty),
                NetworkNamespace(id: NamespaceID(rawValue: lived.inode), pid: pid),
            ]))
        let home = try NamespaceID.ofProcess(getpid())
        let table = ProcMIBReader(Self.counters).read(scrape)
        #expect(table.namespaces == scrape.census.inventory.namespaces.map(\.id))
        #expect(scrape.problems.all.isEmpty)
        let value = { (row: Int, name: MIBCounter.Table, field: String) in
            Self.counters.firstIndex { $0.table == name && $0.field == field }.flatMap { table.value(row, $0) }
        }
        #expect(value(1, .tcp, "ActiveOpens") == 1)
        #expect(value(1, .tcp, "AttemptFails") == 1)
        #expect(value(1, .udp6, "NoPorts") == 1)
        #expect(value(2, .tcp, "ActiveOpens") == 0)
        #expect(try NamespaceID.ofProcess(getpid()) == home)
        let nstat = try empty.run("nstat", "-asz", "TcpInSegs")
        let segments = nstat.split(separator: "\n").last?.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }
        #expect(value(1, .tcp, "InSegs") == segments)
    }
}
