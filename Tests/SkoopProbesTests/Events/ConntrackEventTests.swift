// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopLab
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct ConntrackEventTests {
    /// A request loads the module that tells of connections, and waits for it; listening only asks for it.
    init() throws { try run("conntrack", "-C") }

    /// Lets a host track what it is sent, and translate UDP to port 5300 and TCP to port 8000.
    private func track(_ host: LabHost) throws {
        try host.run(
            "nft", "-f", "-",
            input: """
                table inet tracked {
                    chain input {
                        type filter hook input priority 0;
                        ct state new counter accept
                    }
                    chain translated {
                        type nat hook prerouting priority -100;
                        udp dport 5300 redirect to :5301
                        tcp dport 8000 redirect to :8080
                    }
                }
                """)
        try host.setting("netfilter/nf_conntrack_acct", "1")
        try host.setting("netfilter/nf_conntrack_timestamp", "1")
    }

    /// How many sockets listen to netfilter in a host's namespace.
    private func listeners(_ host: LabHost) throws -> Int {
        let table = try String(contentsOfFile: "/proc/\(host.pid)/net/netlink", encoding: .utf8)
        return table.split(separator: "\n").count { line in
            let words = line.split(separator: " ").map(String.init)
            return words.count > 3 && words[1] == "12" && words[3] != "00000000"
        }
    }

    private func wait(for count: Int, listenersIn host: LabHost) throws {
        try #require(try eventually { try listeners(host) >= count })
    }

    @Test func tellsWhatTheWitnessTells() throws {
        let lab = try FaultLab()
        try track(lab.server)
        let directory = try TemporaryDirectory()
        let file = directory.path + "/witness"
        let witness = try lab.server.start("conntrack", "-E", "-o", "extended,id", output: file)
        var trial = try ProbeTrial<ConntrackProbe>(
            lab.client, lab.server, arguments: ["kinds": .list(["new", "update", "destroy"])])
        try wait(for: 2, listenersIn: lab.server)

        for family in IPFamily.allCases {
            let listener = try TCPListener(in: lab.server, family, port: 8080)
            let connection = try lab.client.connect(to: lab.server.endpoint(family, port: 8000))
            let accepted = try listener.accept()
            try connection.send(count: 1000)
            _ = try accepted.receive(exactly: 1000)
            let socket = try UDPSocket(in: lab.client, family)
            try socket.send([1, 2, 3], to: lab.server.endpoint(family, port: 5300))
            try lab.client.run("ping", "-q", "-c", "1", lab.server.address(family))
        }
        // Everything ends when it is asked to.
        try lab.server.run("conntrack", "-F")

        func told() throws -> [TrackedConnection] {
            try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
                .compactMap { TrackedConnection(line: $0) }
        }
        // All that began has ended.
        let isComplete = try eventually {
            let told = try told()
            let ended = Set(told.filter { $0["kind"] == "[DESTROY]" }.map { $0["id"] })
            let begun = told.filter { $0["kind"] == "[NEW]" }
            return begun.count >= 6 && begun.allSatisfy { ended.contains($0["id"]) }
        }
        #expect(isComplete)
        let events = try trial.events(of: lab.server, atLeast: try told().count)
        _ = consume witness
        let ours = events.map { TrackedConnection($0) }
        let expected = try told()
        #expect(Set(expected.compactMap { $0["protocol"] }) == ["1", "6", "17", "58"])
        #expect(Set(ours).subtracting(expected).isEmpty)
        #expect(Set(expected).subtracting(ours).isEmpty)
        #expect(ours.count == expected.count)

        // What was translated, in the words of this program.
        for family in IPFamily.allCases {
            let datagram = try #require(
                events.first {
                    $0.type == ConntrackEvent.destroy.type && $0.tuple?.destination.port == 5300
                        && $0.tuple?.destination.address.version == (family == .v4 ? .v4 : .v6)
                })
            #expect(datagram[field: "destination_nat"] == .flag(true) && datagram[field: "replied"] == .flag(false))
            #expect(datagram.integer("reply_source_port") == 5301 && datagram.integer("packets") == 1)
            #expect(datagram.string("reply_source") == lab.server.address(family))
            #expect(try #require(datagram.duration("duration_ns")) < 600_000_000_000)
        }
        #expect(try trial.events(of: lab.client).isEmpty)
        #expect(trial.probe.source.hooks.contains("nfnetlink/conntrack_new"))
        #expect(trial.collector.counts.lost.isEmpty)

        let families = try trial.collect()
        for (kind, word) in [("new", "[NEW]"), ("update", "[UPDATE]"), ("destroy", "[DESTROY]")] {
            for (label, number) in [("TCP", "6"), ("UDP", "17"), ("ICMP", "1"), ("ICMP6", "58")] {
                let count = expected.count { $0["kind"] == word && $0["protocol"] == number }
                let value = families.value(ConntrackEventMetric.events, 2, labels: [kind, label]) ?? 0
                #expect(value == UInt64(count), "\(kind) \(label)")
            }
        }
        let unanswered = expected.count {
            $0["kind"] == "[DESTROY]" && $0["protocol"] == "17" && $0["[UNREPLIED]"] != nil
        }
        #expect(unanswered == 2)
        #expect(families.value(ConntrackEventMetric.unanswered, 2, labels: ["UDP"]) == 2)
        #expect(families.value(ConntrackEventMetric.unanswered, 2, labels: ["TCP"]) == nil)
    }

    /// Who listens does not let the kernel track: where no rule asks for it, nothing is tracked and nothing told.
    @Test func listeningChangesNothing() throws {
        let lab = try FaultLab()
        var trial = try ProbeTrial<ConntrackProbe>(lab.client, lab.server)
        try wait(for: 1, listenersIn: lab.server)
        for family in IPFamily.allCases {
            let listener = try TCPListener(in: lab.server, family)
            let connection = try lab.client.connect(to: listener.endpoint)
            _ = try listener.accept()
            try connection.send(count: 10)
            try lab.client.run("ping", "-q", "-c", "1", lab.server.address(family))
        }
        let count = try lab.server.run("cat", "/proc/sys/net/netfilter/nf_conntrack_count")
        #expect(count == "0\n")
        // The same listener hears at once when it is tracked; by then it would have heard of what was before.
        try track(lab.server)
        _ = try lab.sendToClosedPort(.v4, port: 4242, count: 1)
        let events = try trial.events(of: lab.server, atLeast: 1)
        #expect(events.map { $0.tuple?.destination.port } == [4242])
        #expect(try trial.events(of: lab.client).isEmpty)
        let families = try trial.collect()
        #expect(families.value(ConntrackEventMetric.events, 2, labels: ["new", "UDP"]) == 1)
        #expect(families.rows(ConntrackEventMetric.events) >= 1)
        #expect(families.value(ConntrackEventMetric.events, 1, labels: ["new", "UDP"]) == nil)
    }

    @Test func withoutEventsNobodyListens() throws {
        let lab = try FaultLab()
        let before = try listeners(lab.server)
        let probe = try ConntrackProbe(ProbeEnvironment())
        #expect(probe.source.hooks.isEmpty)
        #expect(try listeners(lab.server) == before)
    }

    /// Makes a namespace, lets it track, waits until it is heard, and deletes it.
    private func isHeardInANamespace(joinedTo outside: borrowing TestNamespace, _ collector: EventCollector) throws {
        let inside = try TestNamespace()
        let id = NamespaceID(rawValue: inside.inode)
        try run(
            "ip", "-n", inside.name, "link", "add", "eth0", "type", "veth", "peer", "name", "there", "netns",
            outside.name)
        try inside.run(
            "nft", "-f", "-",
            input: """
                table inet tracked {
                    chain output { type filter hook output priority 0; ct state new counter; }
                }
                """)
        let isHeard = try eventually {
            try inside.run(
                "python3", "-c",
                "import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('::1', 9))")
            return try collector.events().contains { $0.namespace == id && $0.tuple?.destination.port == 9 }
        }
        #expect(isHeard)
    }

    /// A namespace that comes later is heard, and goes when it would without anybody listening.
    @Test(arguments: [true, false]) func namespacesComeAndGo(isRead: Bool) throws {
        let outside = try TestNamespace()
        let collector = EventCollector()
        let probe = try ConntrackProbe(ProbeEnvironment(events: collector.outlet))
        try isHeardInANamespace(joinedTo: outside, collector)
        // The other end of the pair goes when the namespace does.
        let end = Date().addingTimeInterval(60)
        var isGone = false
        while !isGone, Date() < end {
            if isRead { _ = try collector.events() }
            isGone = !(try outside.run("ip", "-o", "link").contains("there"))
            usleep(50_000)
        }
        #expect(isGone)
        let delivered = try collector.events().count
        let counts = collector.counts
        #expect(counts.emitted == UInt64(delivered) + counts.lost.values.reduce(0, +))
        _ = consume probe
    }

    /// More than a small buffer holds, and nobody reads meanwhile: what was told is what was delivered and what was lost.
    @Test func whatIsLostIsCounted() throws {
        let lab = try FaultLab()
        let trial = try ProbeTrial<ConntrackProbe>(
            lab.server, arguments: ["kinds": .list(["new"]), "receiveBuffer": .integer(65_536)])
        try track(lab.server)
        try wait(for: 1, listenersIn: lab.server)
        let count = 3000
        try lab.client.run(
            "python3", "-c",
            """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for port in range(10000, 10000 + \(count)): s.sendto(b'x', ("\(lab.server.address(.v4))", port))
            """)
        // The witness: so many packets began a connection.
        let rules = try lab.server.run("nft", "list", "table", "inet", "tracked")
        #expect(rules.contains("counter packets \(count) "))
        let events = try trial.events(of: lab.server)
        let counts = trial.collector.counts
        let lost = try #require(counts.lost["buffer-full"])
        #expect(lost > 0 && !events.isEmpty)
        #expect(events.count + Int(lost) == count)
        // With what other namespaces of the machine have told meanwhile.
        #expect(counts.emitted == UInt64(try trial.collector.events().count) + lost && counts.lost.count == 1)
        // It goes on after a loss, and at once.
        _ = try lab.sendToClosedPort(.v6, port: 4242, count: 1)
        #expect(try trial.events(of: lab.server, atLeast: events.count + 1).count == events.count + 1)
    }

    @Test func aHelpersExpectationIsTold() throws {
        let lab = try FaultLab()
        try lab.server.run(
            "nft", "-f", "-",
            input: """
                table inet helped {
                    ct helper ftp { type "ftp" protocol tcp; }
                    chain input {
                        type filter hook input priority 0;
                        ct state new tcp dport 21 ct helper set "ftp"
                    }
                }
                """)
        let trial = try ProbeTrial<ConntrackProbe>(lab.server, arguments: ["kinds": .list(["expectation"])])
        let listener = try TCPListener(in: lab.server, .v4, port: 21)
        let client = try lab.client.connect(to: listener.endpoint)
        let accepted = try listener.accept()
        // The helper reads what comes after a whole line.
        for line in ["USER me\r\n", "PORT \(lab.client.address(.v4).replacing(".", with: ",")),200,10\r\n"] {
            try client.send(Array(line.utf8))
            _ = try accepted.receive(exactly: line.utf8.count)
            try accepted.send(count: 1)
            _ = try client.receive()
        }
        let event = try #require(try trial.events(of: lab.server, atLeast: 1).first)
        #expect(event.type == ConntrackEvent.expectationNew.type)
        #expect(event.tuple?.destination.port == 51210 && event.string("helper") == "ftp")
        #expect(event.string("master")?.hasSuffix("\(lab.server.address(.v4)):21") == true)
    }

    @Test func theBufferIsLimited() throws {
        let argument = try #require(ConntrackProbe.definition.arguments.first { $0.name == "receiveBuffer" })
        #expect(argument.form == .integer(65_536...268_435_456))
    }
}
