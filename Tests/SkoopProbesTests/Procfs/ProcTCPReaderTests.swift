// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite struct ProcTCPReaderTests {
    /// Counts what `ss -tanH` of iproute2 printed, its names as the kernel's numbers.
    private func count(ss text: String, as namespace: NamespaceID) throws -> TCPSockets {
        let numbers = [
            "ESTAB": 1, "SYN-SENT": 2, "SYN-RECV": 3, "FIN-WAIT-1": 4, "FIN-WAIT-2": 5, "TIME-WAIT": 6, "UNCONN": 7,
            "CLOSE-WAIT": 8, "LAST-ACK": 9, "LISTEN": 10, "CLOSING": 11,
        ]
        var sockets = TCPSockets(namespace: namespace)
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
            let state = try #require(numbers[fields[0]])
            let (receive, send) = try (#require(UInt64(fields[1])), #require(UInt64(fields[2])))
            sockets.states[state] += 1
            if state == 10 {
                sockets.acceptQueue += receive
                sockets.acceptQueueMax = max(sockets.acceptQueueMax, receive)
            } else {
                sockets.receiveQueue += receive
                sockets.transmitQueue += send
            }
        }
        return sockets
    }

    @Test func agreesWithSS() throws {
        let scrape = Scrape(number: 1, census: .test(node: .fixture))
        let found = ProcTCPReader(host: .fixture).read(scrape)
        let expected = try count(ss: Fixtures.text("procfs/witness/ss-tan.txt"), as: NetworkNamespace.fixture.id)
        #expect(found == [expected])
        #expect(expected.acceptQueue == 5 && expected.acceptQueueMax == 3 && expected.transmitQueue > 0)
        #expect(scrape.problems.all.isEmpty)
    }

    @Test func withoutIPv6TheRestIsRead() throws {
        let directory = try TemporaryDirectory()
        try directory.link("4242/ns/net", to: "net:[4026532999]")
        try directory.write(Fixtures.bytes("procfs/proc/4242/net/tcp"), to: "4242/net/tcp")
        let scrape = Scrape(number: 1, census: .test(node: .fixture))
        let found = ProcTCPReader(host: .init(proc: directory.path)).read(scrape)
        #expect(found.map { $0.states.reduce(0, +) } == [10])
        #expect(found[0].acceptQueueLimit == nil)
        #expect(scrape.problems.all.isEmpty)
    }

    @Test(arguments: [
        "   1: 0100007F:EB2E 0100007F:1B58 00 00000000:00000000",
        "   1: 0100007F:EB2E 0100007F:1B58 0D 00000000:00000000",
        "   1: 0100007F:EB2E 0100007F:1B58 01 0000000000000000", "   1: 0100007F:EB2E 0100007F:1B58 01 x:0",
        "   1: 0100007F:EB2E 0100007F:1B58", "", "   1: 0100007F:EB2E 0100007F:1B58 ffffffffffffffffff 0:0",
        "   1: 0100007F:EB2E 0100007F:1B58 01 0:100000000", "   1: 0100007F:EB2E 0100007F:1B58 01 ffffffffffffffff:0",
    ])
    func aMalformedLineIsLostAlone(line: String) throws {
        let directory = try TemporaryDirectory()
        try directory.link("4242/ns/net", to: "net:[4026532999]")
        let good = "   0: 0100007F:1B58 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 271485\n"
        try directory.write("  sl  local_address\n\(line)\n\(good)", to: "4242/net/tcp")
        let scrape = Scrape(number: 1, census: .test(node: .fixture))
        let found = ProcTCPReader(host: .init(proc: directory.path)).read(scrape)
        #expect(found[0].states.reduce(0, +) == 1)
        #expect(found[0].acceptQueue == 3)
        #expect(scrape.problems.all == ["tcp-line": 1])
    }

    @Test func damagedFilesAreSurvived() throws {
        var random = SeededGenerator()
        let original = try Fixtures.bytes("procfs/proc/4242/net/tcp6")
        for (round, bytes) in mutations(of: original, count: 100, using: &random).enumerated() {
            let directory = try TemporaryDirectory()
            try directory.link("4242/ns/net", to: "net:[4026532999]")
            try directory.write(bytes, to: "4242/net/tcp6")
            let scrape = Scrape(number: 1, census: .test(node: .fixture))
            let found = ProcTCPReader(host: .init(proc: directory.path)).read(scrape)
            #expect(found.count == 1, "seed \(random.seed) round \(round)")
        }
    }
}

@Suite(.serialized, .requiresRoot) struct ProcTCPReaderLiveTests {
    @Test func agreesWithSSInALiveNamespace() throws {
        let namespace = try TestNamespace()
        // 40 connections per IP version, of which 10 wait to be accepted; more lines than one page holds.
        let program = """
            import socket
            keep = []
            for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
                s = socket.socket(family); s.bind((address, 7000)); s.listen(50); keep.append(s)
                for i in range(40):
                    keep.append(socket.create_connection((address, 7000)))
                    if i < 30: keep.append(s.accept()[0])
                keep[-1].send(b'x' * 1000)
            """
        let holder = try namespace.hold(python: program)
        let pid = holder.pid
        let scrape = Scrape(
            number: 1,
            census: try .live([NetworkNamespace(id: NamespaceID(rawValue: namespace.inode), pid: pid)]))
        let found = ProcTCPReader().read(scrape)
        #expect(found.count == 2)
        let summary = try namespace.run("ss", "-tanH", "state", "established")
        #expect(found[1].states[1] == UInt64(summary.split(separator: "\n").count))
        #expect(found[1].states[1] == 160)
        #expect(found[1].states[10] == 2)
        #expect(found[1].acceptQueue == 20)
        #expect(found[1].acceptQueueMax == 10)
        #expect(found[1].receiveQueue == 2000)
        #expect(scrape.problems.all.isEmpty)
    }
}
