// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopLab
import SkoopModel
import SkoopProbes
import SkoopTesting
import Synchronization
import Testing

@Suite(.serialized, .requiresRoot) struct DNSProbeTests {
    /// The rows of a host as `metric labels`, for instance `queries client udp`; histograms by how much they hold.
    private static func rows(_ families: [Family], of entity: EntityTable.Index) -> [String: UInt64] {
        var rows: [String: UInt64] = [:]
        for (family, metric) in zip(families, DNSMetric.allCases) {
            #expect(family.metric == metric.metric)
            for row in 0..<family.count where family.entities[row] == entity {
                let name = ([metric.rawValue] + family.labels(of: row)).joined(separator: " ")
                rows[name] = metric == .seconds ? family.bucketCounts(of: row).reduce(0, +) : family.values[row]
            }
        }
        return rows
    }

    /// What a client and a server each see of the same queries.
    private static func expected(_ direction: String, _ counts: [String: UInt64]) -> [String: UInt64] {
        Dictionary(
            uniqueKeysWithValues: counts.map { name, count in
                let words = name.split(separator: " ")
                return (([words[0], Substring(direction)] + words.dropFirst()).joined(separator: " "), count)
            })
    }

    @Test(arguments: IPFamily.allCases, Topology.allCases)
    func countsEachQueryOnce(family: IPFamily, topology: Topology) throws {
        let lab = try FaultLab(topology)
        let server = try DNSServer(in: lab.server, family)
        var trial = try ProbeTrial<DNSProbe>([lab.client, lab.server] + [lab.middle].compactMap(\.self))
        for number in 0..<5 { _ = try lab.client.lookUp("host\(number).example", .aaaa, at: server.endpoint) }
        for number in 0..<3 { _ = try lab.client.lookUp("host\(number).example", at: server.endpoint, by: .tcp) }
        #expect(server.queries.count == 8)
        let families = try trial.collect()
        let counts: [String: UInt64] = [
            "queries udp": 5, "queries tcp": 3, "responses NOERROR": 8, "seconds udp": 5, "seconds tcp": 3,
        ]
        #expect(Self.rows(families, of: 1) == Self.expected("client", counts))
        #expect(Self.rows(families, of: 2) == Self.expected("server", counts))
        // What is in between sends and receives nothing itself.
        #expect(Self.rows(families, of: 3).isEmpty)
        #expect(try trial.events(of: lab.client).isEmpty && trial.events(of: lab.server).isEmpty)
    }

    @Test(arguments: IPFamily.allCases) func countsCodesAndReportsErrors(family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try DNSServer(
            in: lab.server, family,
            DNSBehaviour { query, _ in
                switch query.name {
                case "absent.example": .init(query.answer(.nameError))
                case "broken.example": .init(query.answer(.serverFailure))
                case "secret.example": .init(query.answer(.refused))
                default: .init(query.answer())
                }
            })
        var trial = try ProbeTrial<DNSProbe>(lab.client, lab.server)
        for name in ["absent.example", "absent.example", "fine.example", "broken.example", "broken.example"] {
            _ = try lab.client.lookUp(name, at: server.endpoint)
        }
        let lookup = try lab.client.lookUp("secret.example", .aaaa, at: server.endpoint, by: .tcp)
        let events = try trial.events(of: lab.client, atLeast: 3)
        #expect(events.map(\.type) == [DNSEvent.error.type, DNSEvent.error.type, DNSEvent.error.type])
        #expect(events.map { $0.string("rcode") } == ["SERVFAIL", "SERVFAIL", "REFUSED"])
        #expect(events.map { $0.string("name") } == ["broken.example", "broken.example", "secret.example"])
        #expect(events.map { $0.string("record_type") } == ["A", "A", "AAAA"])
        #expect(events.allSatisfy { $0.string("direction") == "client" && $0.integer("tries") == 1 })
        let last = try #require(events.last)
        #expect(last.integer("id") == Int64(lookup.query.id))
        #expect(last.tuple?.protocolName == "TCP")
        #expect(last.tuple?.source.address.description == lookup.client.address)
        #expect(last.tuple?.source.port == lookup.client.port)
        #expect(last.tuple?.destination.address.description == server.endpoint.address)
        #expect(last.tuple?.destination.port == 53)
        #expect(last.process?.pid == getpid())
        // The same of the server, whose process answers.
        let answered = try trial.events(of: lab.server)
        #expect(answered.map { $0.string("rcode") } == ["SERVFAIL", "SERVFAIL", "REFUSED"])
        #expect(answered.allSatisfy { $0.string("direction") == "server" && $0.process?.pid == getpid() })
        #expect(answered.last?.tuple == last.tuple)
        let counts: [String: UInt64] = [
            "queries udp": 5, "queries tcp": 1, "responses NOERROR": 1, "responses NXDOMAIN": 2,
            "responses SERVFAIL": 2, "responses REFUSED": 1, "seconds udp": 5, "seconds tcp": 1,
        ]
        let families = try trial.collect()
        #expect(Self.rows(families, of: 1) == Self.expected("client", counts))
        #expect(Self.rows(families, of: 2) == Self.expected("server", counts))
    }

    @Test(arguments: IPFamily.allCases, DNSBehaviour.Transport.allCases)
    func reportsWhatHasNoAnswer(family: IPFamily, transport: DNSBehaviour.Transport) throws {
        let lab = try FaultLab()
        let server = try DNSServer(in: lab.server, family, .silent)
        var trial = try ProbeTrial<DNSProbe>(
            lab.client, lab.server, arguments: ["noAnswer": .duration(.milliseconds(300))])
        let lookup = try lab.client.lookUp(
            "silent.example", at: server.endpoint, by: transport, timeout: .milliseconds(100))
        #expect(lookup.answer == nil)
        for (host, direction) in [(lab.client, "client"), (lab.server, "server")] {
            let events = try trial.events(of: host, atLeast: 1)
            #expect(events.map(\.type) == [DNSEvent.noAnswer.type])
            let event = try #require(events.first)
            #expect(event.string("direction") == direction)
            #expect(event.string("name") == "silent.example")
            #expect(event.string("record_type") == "A")
            #expect(event.string("rcode") == nil)
            #expect(event.integer("id") == Int64(lookup.query.id))
            #expect((event.duration("latency_ns") ?? 0) >= 300_000_000)
            #expect(event.tuple?.source.port == lookup.client.port)
            #expect(event.tuple?.destination.address.description == server.endpoint.address)
            #expect((event.process?.pid == getpid()) == (direction == "client"))
            #expect(event.message.contains("name=silent.example type=A"))
        }
        for _ in 0..<2 {
            let families = try trial.collect()
            let counts: [String: UInt64] = ["queries \(transport.rawValue)": 1, "unanswered": 1]
            #expect(Self.rows(families, of: 1) == Self.expected("client", counts))
            #expect(Self.rows(families, of: 2) == Self.expected("server", counts))
        }
    }

    /// The answer comes when the client has closed its socket: the first customer case of KubeSkoop's document.
    @Test(arguments: IPFamily.allCases) func reportsALateAnswer(family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try DNSServer(in: lab.server, family, .answer(after: .milliseconds(400)))
        var trial = try ProbeTrial<DNSProbe>(lab.client, lab.server)
        let before = try lab.client.counters()
        let lookup = try lab.client.lookUp("late.example", at: server.endpoint, timeout: .milliseconds(50))
        #expect(lookup.answer == nil)
        let events = try trial.events(of: lab.client, atLeast: 1)
        #expect(events.map(\.type) == [DNSEvent.lateAnswer.type])
        #expect(events.first?.string("name") == "late.example")
        #expect(events.first?.string("rcode") == "NOERROR")
        #expect((events.first?.duration("latency_ns") ?? 0) >= 400_000_000)
        #expect(events.first?.tuple?.source.port == lookup.client.port)
        #expect(events.first?.tuple?.destination.port == 53)
        #expect(events.first?.process?.pid == getpid())
        let growth = try lab.client.counters().growth(since: before)
        #expect(growth[family == .v4 ? "Udp.NoPorts" : "Udp6NoPorts"] == 1)
        let rows = Self.rows(try trial.collect(), of: 1)
        #expect(rows == ["queries client udp": 1, "late": 1])
    }

    @Test(arguments: IPFamily.allCases) func reportsASlowAnswer(family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try DNSServer(in: lab.server, family, .answer(after: .milliseconds(300)))
        var trial = try ProbeTrial<DNSProbe>(
            lab.client, arguments: ["slow": .duration(.milliseconds(200)), "hideNames": .bool(true)])
        _ = try lab.client.lookUp("slow.example", at: server.endpoint)
        let events = try trial.events(of: lab.client, atLeast: 1)
        #expect(events.map(\.type) == [DNSEvent.slow.type])
        #expect(events.first?.string("name") == nil)
        #expect(events.first?.string("record_type") == "A")
        #expect((events.first?.duration("latency_ns") ?? 0) >= 300_000_000)
        let families = try trial.collect()
        // 2^18 us is 262 ms.
        let row = try #require(families[0].entities.firstIndex(of: 1))
        #expect(families[0].bucketCounts(of: row).dropFirst(18).reduce(0, +) == 1)
    }

    /// The same question again, by another socket, as resolvers do.
    @Test(.takesLongInGuests, arguments: IPFamily.allCases) func countsRetries(family: IPFamily) throws {
        let lab = try FaultLab()
        let answers = Mutex(0)
        let server = try DNSServer(
            in: lab.server, family,
            DNSBehaviour { query, _ in
                answers.withLock { $0 += 1 }
                return answers.withLock { $0 } < 3 ? nil : .init(query.answer(.serverFailure))
            })
        var trial = try ProbeTrial<DNSProbe>(lab.client)
        try lab.client.run(
            "/usr/bin/python3", "-c",
            """
            import socket, sys
            import dns.message, dns.query, dns.exception
            query = dns.message.make_query('again.example', 'A')
            for _ in range(3):
                try: dns.query.udp(query, sys.argv[1], timeout=0.2)
                except dns.exception.Timeout: pass
            other = dns.message.make_query('other.example', 'A', id=query.id)
            dns.query.udp(other, sys.argv[1])
            """, server.endpoint.address)
        let events = try trial.events(of: lab.client, atLeast: 2)
        #expect(events.map { $0.string("name") } == ["again.example", "other.example"])
        #expect(events.map { $0.integer("tries") } == [3, 1])
        #expect(events.allSatisfy { $0.process?.command == "python3" })
        let rows = Self.rows(try trial.collect(), of: 1)
        #expect(
            rows == ["queries client udp": 4, "retried": 2, "responses client SERVFAIL": 2, "seconds client udp": 2])
    }

    /// Messages of a connection that do not keep to segments, written in pieces and several at once.
    @Test(.takesLongInGuests, arguments: IPFamily.allCases) func readsStreams(family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try DNSServer(in: lab.server, family, .code(.serverFailure))
        var trial = try ProbeTrial<DNSProbe>(lab.client, lab.server)
        try lab.client.run(
            "/usr/bin/python3", "-c",
            """
            import socket, struct, sys, time
            import dns.message
            def message(name): m = dns.message.make_query(name, 'A').to_wire(); return struct.pack('!H', len(m)) + m
            s = socket.create_connection((sys.argv[1], 53)); s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            def receive(count):
                for _ in range(count):
                    length, = struct.unpack('!H', s.recv(2, socket.MSG_WAITALL)); s.recv(length, socket.MSG_WAITALL)
            for cut in (1, 2, 7, 14, 20):
                whole = message(f'cut{cut}.example')
                s.sendall(whole[:cut]); time.sleep(0.05); s.sendall(whole[cut:]); receive(1)
            s.sendall(b''.join(message(f'many{n}.example') for n in range(5))); receive(5)
            both = message('first.example') + message('second.example')
            s.sendall(both[:-12]); time.sleep(0.05); s.sendall(both[-12:]); receive(2)
            """, server.endpoint.address)
        let names =
            [1, 2, 7, 14, 20].map { "cut\($0).example" } + (0..<5).map { "many\($0).example" }
            + ["first.example", "second.example"]
        #expect(server.queries.map(\.name) == names)
        let events = try trial.events(of: lab.client, atLeast: 12)
        // Of a name that came in two pieces there is the first.
        var told = names.map(Optional.some)
        told[3] = nil
        told[4] = "cut20…"
        told[11] = "second.…"
        #expect(events.map { $0.string("name") } == told)
        let counts: [String: UInt64] = ["queries tcp": 12, "responses SERVFAIL": 12, "seconds tcp": 12]
        let families = try trial.collect()
        #expect(Self.rows(families, of: 1) == Self.expected("client", counts))
        #expect(Self.rows(families, of: 2) == Self.expected("server", counts))
    }

    /// Debian's dnsmasq as the server, its log as the witness; dig and the C library as clients.
    @Test(.takesLongInGuests, arguments: IPFamily.allCases) func agreesWithDnsmasq(family: IPFamily) throws {
        let lab = try FaultLab()
        let folder = try TemporaryDirectory()
        let log = folder.path + "/queries"
        let dnsmasq = try lab.server.start(
            "dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--no-daemon", "--log-queries",
            "--log-facility=\(log)", "--user=root", "--pid-file=", "--local=/example/",
            "--address=/known.example/192.0.2.7", "--address=/known.example/2001:db8::7")
        let address = lab.server.address(family)
        let isUp = try eventually { try lab.server.run("ss", "-lnu").contains(":53 ") }
        try #require(isUp)
        var trial = try ProbeTrial<DNSProbe>(lab.client, lab.server)
        try lab.client.run("dig", "@\(address)", "known.example", "absent.example")
        try lab.client.run("dig", "+tcp", "@\(address)", "known.example", "AAAA")
        try "nameserver \(address)\n".write(toFile: folder.path + "/resolv.conf", atomically: true, encoding: .utf8)
        let found = try lab.client.run(
            "unshare", "-m", "sh", "-c",
            """
            mount --bind "$0/resolv.conf" /etc/resolv.conf
            exec /usr/bin/python3 -c "
            import socket
            print(sorted({entry[4][0] for entry in socket.getaddrinfo('known.example', 80)}))
            "
            """, folder.path)
        #expect(found == "['192.0.2.7', '2001:db8::7']\n")
        let witness = try String(contentsOfFile: log, encoding: .utf8)
        #expect(witness.split(separator: "\n").count { $0.contains(" query[") } == 5)
        let counts: [String: UInt64] = [
            "queries udp": 4, "queries tcp": 1, "responses NOERROR": 4, "responses NXDOMAIN": 1, "seconds udp": 4,
            "seconds tcp": 1,
        ]
        let families = try trial.collect()
        #expect(Self.rows(families, of: 1) == Self.expected("client", counts))
        #expect(Self.rows(families, of: 2) == Self.expected("server", counts))
        _ = dnsmasq.pid
    }

    /// dig asks by UDP, is told to use TCP, and does.
    @Test(arguments: IPFamily.allCases) func countsWhatIsTruncated(family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try DNSServer(in: lab.server, family, .truncated)
        var trial = try ProbeTrial<DNSProbe>(lab.client, lab.server)
        try lab.client.run("dig", "+noedns", "@\(server.endpoint.address)", "long.example")
        let counts: [String: UInt64] = [
            "queries udp": 1, "queries tcp": 1, "responses NOERROR": 2, "truncated": 1, "seconds udp": 1,
            "seconds tcp": 1,
        ]
        let families = try trial.collect()
        #expect(Self.rows(families, of: 1) == Self.expected("client", counts))
        #expect(Self.rows(families, of: 2) == Self.expected("server", counts))
    }

    /// The client asks an address that is translated to the server's in its own namespace, as of a cluster's service.
    @Test(arguments: IPFamily.allCases) func followsTranslatedAddresses(family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try DNSServer(in: lab.server, family)
        let (word, service) = family == .v4 ? ("ip", "10.96.0.10") : ("ip6", "fd96::10")
        try lab.client.run("ip", "route", "add", "default", "via", lab.server.address(family))
        try lab.client.run(
            "nft", "-f", "-",
            input: """
                table \(word) translation {
                    chain output {
                        type nat hook output priority -100;
                        \(word) daddr \(service) dnat to \(server.endpoint.address)
                    }
                    chain postrouting {
                        type nat hook postrouting priority 100;
                        udp dport 53 masquerade to :20000-20100
                    }
                }
                """)
        var trial = try ProbeTrial<DNSProbe>(lab.client)
        let lookup = try lab.client.lookUp("service.example", at: Endpoint(family, service, port: 53))
        #expect(lookup.answer != nil)
        let rows = Self.rows(try trial.collect(), of: 1)
        #expect(rows == ["queries client udp": 1, "responses client NOERROR": 1, "seconds client udp": 1])
    }

    @Test func watchesThePortsItIsTold() throws {
        let lab = try FaultLab()
        let usual = try DNSServer(in: lab.server, .v4)
        let other = try DNSServer(in: lab.server, .v4, port: 5300)
        var trial = try ProbeTrial<DNSProbe>(lab.client, arguments: ["ports": .list(["5300"])])
        _ = try lab.client.lookUp("a.example", at: usual.endpoint)
        _ = try lab.client.lookUp("b.example", at: other.endpoint, by: .tcp)
        let rows = Self.rows(try trial.collect(), of: 1)
        #expect(rows == ["queries client tcp": 1, "responses client NOERROR": 1, "seconds client tcp": 1])
    }

    @Test(arguments: [["0"], ["x"], [], ["1", "2", "3", "4", "5"], ["65536"]])
    func refusesPortsThatAreNone(ports: [String]) throws {
        #expect(throws: ProbeError.self) {
            try DNSProbe(ProbeEnvironment(arguments: ["ports": .list(ports)]))
        }
    }

    /// Other traffic is not touched, and what only looks like DNS neither.
    @Test(arguments: IPFamily.allCases) func leavesTheRestAlone(family: IPFamily) throws {
        let lab = try FaultLab()
        let echo = try UDPServer.echo(in: lab.server, family, port: 53)
        let web = try TCPServer(in: lab.server, family, .http(body: 100_000))
        var trial = try ProbeTrial<DNSProbe>(lab.client, lab.server)
        let socket = try UDPSocket(in: lab.client, family)
        for bytes in [[1, 2, 3], [UInt8](repeating: 0xff, count: 600)] {
            try socket.send(bytes, to: echo.endpoint)
            #expect(try socket.receive(within: .seconds(10))?.bytes == bytes)
        }
        let address = family == .v4 ? web.endpoint.address : "[\(web.endpoint.address)]"
        try lab.client.run(
            "python3", "-c", "import urllib.request, sys; urllib.request.urlopen(sys.argv[1]).read()",
            "http://\(address):\(web.endpoint.port)/")
        let families = try trial.collect()
        #expect(Self.rows(families, of: 1).isEmpty && Self.rows(families, of: 2).isEmpty)
        #expect(try trial.events(of: lab.client).isEmpty && trial.events(of: lab.server).isEmpty)
    }

    @Test func saysHowItWatches() throws {
        let probe = try DNSProbe(ProbeEnvironment())
        #expect(probe.source.hooks.count == 3)
        #expect(probe.source.hooks.last == "tp_btf/kfree_skb")
        #expect(probe.source.hooks.dropLast().allSatisfy { $0.hasPrefix("cgroup//sys/fs/cgroup") })
    }
}
