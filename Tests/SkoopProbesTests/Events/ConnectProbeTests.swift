// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopLab
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct ConnectProbeTests {
    /// What Python programs begin with: sockets to the address and ports of the command line.
    private static let prelude = """
        import errno, os, select, signal, socket, sys, time
        host, port = sys.argv[1], int(sys.argv[2])
        family = socket.AF_INET6 if ':' in host else socket.AF_INET
        def stream(): return socket.socket(family, socket.SOCK_STREAM)
        def attempt(target=(host, port), s=None):
            s = s or stream()
            try:
                s.connect(target)
                return s, 0
            except OSError as error:
                return s, error.errno

        """

    /// What the client's attempts came to; others on this machine connect too.
    private static func results(_ families: [Family]) -> [String: UInt64] {
        var results: [String: UInt64] = [:]
        for family in families where family.metric == ConnectMetric.total.metric {
            for row in 0..<family.count where family.entities[row] == 1 {
                results[family.labels(of: row).joined()] = family.values[row]
            }
        }
        return results
    }

    /// The client's latencies: sum and buckets.
    private static func seconds(_ families: [Family]) -> (sum: UInt64, buckets: [UInt64])? {
        let family = families.first { $0.metric == ConnectMetric.seconds.metric }
        guard let family, let row = family.entities.firstIndex(of: 1) else { return nil }
        return (family.values[row], Array(family.bucketCounts(of: row)))
    }

    @discardableResult
    private static func python(
        _ host: LabHost, _ server: Endpoint, _ program: String, _ arguments: String...
    ) throws -> String {
        try host.run(["python3", "-c", prelude + program, server.address, "\(server.port)"] + arguments)
    }

    /// Blocking, and asked for later: both established, with their latency; nothing to report.
    @Test(arguments: IPFamily.allCases) func countsWhatIsEstablished(family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try TCPServer(in: lab.server, family, .echo)
        var trial = try ProbeTrial<ConnectProbe>(lab.client, lab.server)
        let before = try lab.client.counters()
        try Self.python(
            lab.client, server.endpoint,
            """
            for _ in range(20):
                s, error = attempt()
                s.sendall(b'x'); s.recv(1)
                s.close()
                s = stream(); s.setblocking(False)
                assert s.connect_ex((host, port)) == errno.EINPROGRESS
                select.select([], [s], [])
                assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
                assert s.connect_ex((host, port)) in (0, errno.EISCONN)
                s.close()
            """)
        let families = try trial.collect()
        #expect(try lab.client.counters().growth(since: before)["Tcp.ActiveOpens"] == 40)
        #expect(Self.results(families) == ["established": 40])
        #expect(families.value(ConnectMetric.unanswered, 1) == nil)
        let seconds = try #require(Self.seconds(families))
        #expect(seconds.buckets.reduce(0, +) == 40)
        // More than nothing, less than two seconds each.
        #expect(seconds.sum > 40_000 && seconds.sum < 80_000_000_000)
        #expect(try trial.events(of: lab.client).isEmpty && trial.events(of: lab.server).isEmpty)
        // Who only accepts has opened nothing.
        #expect(families.value(ConnectMetric.total, 2, labels: ["established"]) == nil)
    }

    /// Reset at once; asked for by three kinds of clients, each counted once.
    @Test(arguments: IPFamily.allCases) func reportsWhatIsRefused(family: IPFamily) throws {
        let lab = try FaultLab()
        var trial = try ProbeTrial<ConnectProbe>(lab.client, lab.server)
        let before = try lab.client.counters()
        let closed = lab.server.endpoint(family, port: 81)
        let output = try Self.python(
            lab.client, closed,
            """
            s, error = attempt()
            assert error == errno.ECONNREFUSED
            s = stream(); s.bind((sys.argv[3], 4242))
            assert attempt(s=s)[1] == errno.ECONNREFUSED
            s = stream(); s.setblocking(False)
            assert s.connect_ex((host, port)) == errno.EINPROGRESS
            select.select([], [s], [])
            assert s.connect_ex((host, port)) == errno.ECONNREFUSED
            s = stream(); s.setblocking(False)
            assert s.connect_ex((host, port)) == errno.EINPROGRESS
            select.select([], [s], [])
            assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED
            s.close()
            print(os.getpid())
            """, lab.client.address(family))
        let events = try trial.events(of: lab.client, atLeast: 4)
        #expect(events.count == 4)
        for event in events {
            #expect(event.type == ConnectEvent.failed.type)
            #expect(event.string("result") == "refused")
            #expect(event.string("error") == "ECONNREFUSED")
            #expect(event.integer("syn_retransmits") == 0)
            #expect((event.duration("latency_ns") ?? 0) > 0)
            #expect(event.tuple?.protocolName == "TCP")
            #expect(event.tuple?.source.address.description == lab.client.address(family))
            #expect(event.tuple?.source.port != 0)
            #expect(event.tuple?.destination.address.description == closed.address)
            #expect(event.tuple?.destination.port == 81)
            #expect(event.process?.command == "python3")
            #expect(event.process.map { "\($0.pid)\n" } == output)
            #expect(event.message.hasPrefix("connect refused protocol=TCP saddr="))
        }
        #expect(events.contains { $0.tuple?.source.port == 4242 })
        let families = try trial.collect()
        #expect(Self.results(families) == ["refused": 4])
        #expect(Self.seconds(families) == nil)
        #expect(try lab.client.counters().growth(since: before)["Tcp.AttemptFails"] == 4)
    }

    /// No answer at all: reported while it waits, then when the application gives up.
    @Test(arguments: IPFamily.allCases) func reportsWhatHasNoAnswer(family: IPFamily) throws {
        let lab = try FaultLab()
        let rule = try lab.loseSYN(family, port: 82)
        var trial = try ProbeTrial<ConnectProbe>(lab.client, arguments: ["noAnswer": .duration(.seconds(1))])
        let client = try lab.client.start(
            "python3", "-c",
            Self.prelude + "s = stream(); s.setblocking(False); s.connect_ex((host, port)); time.sleep(1000)",
            lab.server.address(family), "82")
        let waiting = try trial.events(of: lab.client, atLeast: 1)
        #expect(waiting.map(\.type) == [ConnectEvent.noAnswer.type])
        #expect(waiting.first?.string("result") == "waiting")
        #expect(waiting.first?[field: "error"] == nil)
        #expect((waiting.first?.duration("latency_ns") ?? 0) >= 1_000_000_000)
        #expect(waiting.first?.tuple?.source.port != 0)
        #expect(waiting.first?.tuple?.destination.port == 82)
        #expect(waiting.first?.process?.pid == client.pid)
        var families = try trial.collect()
        #expect(families.value(ConnectMetric.unanswered, 1) == 1)
        #expect(Self.results(families).isEmpty)
        // The second SYN: the kernel sends it after a second.
        let isSentAgain = try eventually { try rule.chosen().packets == 2 }
        #expect(isSentAgain)
        kill(client.pid, SIGKILL)
        let events = try trial.events(of: lab.client, atLeast: 2)
        #expect(events.map(\.type) == [ConnectEvent.noAnswer.type, ConnectEvent.abandoned.type])
        #expect(events.last?.string("result") == "closed")
        #expect(events.last?.process == events.first?.process)
        #expect(events.last?.tuple == events.first?.tuple)
        #expect((events.last?.integer("syn_retransmits")).map { $0 >= 1 } == true)
        families = try trial.collect()
        #expect(families.value(ConnectMetric.unanswered, 1) == 1)
        #expect(Self.results(families) == ["closed": 1])
    }

    /// The kernel gives up by itself.
    @Test(.takesLongInGuests, arguments: IPFamily.allCases) func reportsATimeout(family: IPFamily) throws {
        let lab = try FaultLab()
        try lab.client.setting("ipv4/tcp_syn_retries", "1")
        let loss = try lab.loseSYNACK(family, port: 83)
        let witness = try NetfilterRule(on: lab.server, .input, PacketMatch(.tcp, family, to: 83, .syn), .accept)
        let server = try TCPServer(in: lab.server, family, port: 83, .discard)
        var trial = try ProbeTrial<ConnectProbe>(lab.client, arguments: ["noAnswer": .duration(.seconds(60))])
        try Self.python(lab.client, server.endpoint, "assert attempt()[1] == errno.ETIMEDOUT")
        let events = try trial.events(of: lab.client, atLeast: 1)
        #expect(events.map(\.type) == [ConnectEvent.failed.type])
        #expect(events.first?.string("result") == "timeout")
        #expect(events.first?.string("error") == "ETIMEDOUT")
        #expect(events.first?.integer("syn_retransmits") == Int64(try witness.chosen().packets - 1))
        #expect((events.first?.duration("latency_ns") ?? 0) > 2_500_000_000)
        #expect(try loss.chosen().packets >= 2)
        let families = try trial.collect()
        #expect(Self.results(families) == ["timeout": 1])
        #expect(families.value(ConnectMetric.unanswered, 1) == nil)
    }

    /// The answer to the first SYN is lost: established with the second, and that is slow.
    @Test(.takesLongInGuests, arguments: IPFamily.allCases) func reportsALostAnswer(family: IPFamily) throws {
        let lab = try FaultLab()
        let rule = try NetfilterRule(
            on: lab.client, .input, PacketMatch(.tcp, family, from: 84, .synAck), choosing: .only(0), .drop)
        let server = try TCPServer(in: lab.server, family, port: 84, .discard)
        var trial = try ProbeTrial<ConnectProbe>(lab.client)
        try Self.python(lab.client, server.endpoint, "assert attempt()[1] == 0; assert attempt()[1] == 0")
        let events = try trial.events(of: lab.client, atLeast: 1)
        #expect(events.map(\.type) == [ConnectEvent.slow.type])
        #expect(events.first?.string("result") == "established")
        // The server may be the first to repeat itself.
        #expect((events.first?.integer("syn_retransmits") ?? 9) <= 1)
        #expect((events.first?.duration("latency_ns") ?? 0) > 900_000_000)
        #expect(try rule.chosen().packets == 1)
        let families = try trial.collect()
        #expect(Self.results(families) == ["established": 2])
        // 2^19 us is half a second.
        #expect(try #require(Self.seconds(families)).buckets.dropFirst(19).reduce(0, +) == 1)
    }

    /// No route, a route that forbids, a router that says so, a neighbour that does not answer.
    @Test(arguments: IPFamily.allCases) func reportsWhatCannotBeReached(family: IPFamily) throws {
        let lab = try FaultLab()
        let (nowhere, forbidden, absent) =
            family == .v4 ? ("192.0.2.1", "198.51.100.1", "10.91.0.77") : ("2001:db8::1", "2001:db8:1::1", "fd91::77")
        try lab.client.run("ip", "route", "add", "prohibit", forbidden)
        let unreachable = try NetfilterRule(
            on: lab.server, .input, PacketMatch(.tcp, family, to: 85, .syn), .rejectAsHostUnreachable)
        let prohibited = try NetfilterRule(
            on: lab.server, .input, PacketMatch(.tcp, family, to: 86, .syn), .rejectAsProhibited)
        var trial = try ProbeTrial<ConnectProbe>(lab.client, arguments: ["noAnswer": .duration(.seconds(60))])
        let output = try Self.python(
            lab.client, lab.server.endpoint(family, port: 0),
            """
            for target in (sys.argv[3], 80), (sys.argv[4], 80), (host, 85), (host, 86), (sys.argv[5], 80):
                print(errno.errorcode[attempt(target)[1]])
            """, nowhere, forbidden, absent)
        let names = output.split(separator: "\n").map(String.init)
        #expect(names[0] == "ENETUNREACH" && names[1] == "EACCES" && names[2] == "EHOSTUNREACH")
        let events = try trial.events(of: lab.client, atLeast: 5)
        try #require(events.map { $0.string("error") } == names)
        #expect(events.allSatisfy { $0.type == ConnectEvent.failed.type })
        #expect(
            events.map { $0.tuple?.destination.address.description }
                == [nowhere, forbidden, lab.server.address(family), lab.server.address(family), absent])
        #expect(events.map { $0.tuple?.destination.port } == [80, 80, 85, 86, 80])
        #expect(events.allSatisfy { $0.process?.command == "python3" })
        // An answer that comes while connect() still holds the socket is heeded only when it comes again.
        #expect(events[2].integer("syn_retransmits") == Int64(try unreachable.chosen().packets - 1))
        #expect(events[3].integer("syn_retransmits") == Int64(try prohibited.chosen().packets - 1))
        let results = names.map { $0 == "EACCES" ? "prohibited" : "unreachable" }
        #expect(events.map { $0.string("result") } == results)
        let families = try trial.collect()
        #expect(Self.results(families) == results.reduce(into: [:]) { $0[$1, default: 0] += 1 })
    }

    /// The only local port is taken by another connection to the same server.
    @Test(.takesLongInGuests, arguments: IPFamily.allCases) func reportsThatNoPortIsLeft(family: IPFamily) throws {
        let lab = try FaultLab()
        try lab.client.setting("ipv4/ip_local_port_range", "40000 40000")
        let server = try TCPServer(in: lab.server, family, .discard)
        var trial = try ProbeTrial<ConnectProbe>(lab.client)
        try Self.python(
            lab.client, server.endpoint,
            """
            first, error = attempt()
            assert error == 0
            for _ in range(3): assert attempt()[1] == errno.EADDRNOTAVAIL
            """)
        let events = try trial.events(of: lab.client, atLeast: 3)
        #expect(events.map { $0.string("result") } == ["no-port", "no-port", "no-port"])
        #expect(events.first?.string("error") == "EADDRNOTAVAIL")
        #expect(events.first?.tuple?.destination.port == server.endpoint.port)
        let families = try trial.collect()
        #expect(Self.results(families) == ["no-port": 3, "established": 1])
    }

    /// IPv4 through a socket of IPv6 is reported as what it is on the wire.
    @Test func unmapsAddresses() throws {
        let lab = try FaultLab()
        let server = try TCPServer(in: lab.server, .v4, .discard)
        var trial = try ProbeTrial<ConnectProbe>(lab.client)
        let output = try Self.python(
            lab.client, Endpoint(.v6, "::ffff:\(server.endpoint.address)", port: server.endpoint.port),
            """
            assert attempt()[1] == 0
            assert attempt((host, 81))[1] == errno.ECONNREFUSED
            print(errno.errorcode[attempt(('::ffff:192.0.2.1', 81))[1]])
            """)
        #expect(output == "ENETUNREACH\n")
        let events = try trial.events(of: lab.client, atLeast: 2)
        #expect(events.map { $0.tuple?.destination.address.description } == ["10.91.0.2", "192.0.2.1"])
        #expect(events.first?.tuple?.source.address.description == "10.91.0.1")
        let families = try trial.collect()
        #expect(Self.results(families) == ["established": 1, "refused": 1, "unreachable": 1])
    }

    /// One socket again and again, one connected to itself, one that sends with its SYN, one that a signal interrupts.
    @Test(arguments: IPFamily.allCases) func followsUnusualSockets(family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try TCPServer(in: lab.server, family, .discard)
        let rule = try lab.loseSYN(family, port: 87)
        var trial = try ProbeTrial<ConnectProbe>(lab.client)
        try Self.python(
            lab.client, server.endpoint,
            """
            s = stream()
            for _ in range(3): assert attempt((host, 81), s)[1] == errno.ECONNREFUSED
            assert attempt(s=s)[1] == 0
            s.close()
            # simultaneous open
            s = stream(); s.bind(('::1' if ':' in host else '127.0.0.1', 4300))
            assert attempt(s.getsockname(), s)[1] == 0
            s.close()
            # TCP fast open, without a cookie as yet
            s = stream(); s.sendto(b'x', socket.MSG_FASTOPEN, (host, port)); s.close()
            s = stream()
            try: s.sendto(b'x', socket.MSG_FASTOPEN, (host, 81)); assert False
            except ConnectionRefusedError: pass
            # a call that a signal ends, and then the socket is closed
            class Late(Exception): pass
            def late(*_): raise Late
            signal.signal(signal.SIGALRM, late); signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
            signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
            s = stream()
            try: s.connect((host, 87)); assert False
            except Late: signal.setitimer(signal.ITIMER_REAL, 0)
            s.close()
            # no more than a connection of a local socket, of datagrams, of nothing
            for family, target in ((socket.AF_UNIX, '/nowhere'),):
                assert socket.socket(family, socket.SOCK_STREAM).connect_ex(target) == errno.ENOENT
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            assert s.connect_ex(('192.0.2.1', 53)) == errno.ENETUNREACH
            """)
        #expect(try rule.chosen().packets == 1)
        let families = try trial.collect()
        #expect(Self.results(families) == ["established": 3, "refused": 4, "closed": 1])
        let events = try trial.events(of: lab.client)
        #expect(events.map { $0.string("result") } == ["refused", "refused", "refused", "refused", "closed"])
    }

    @Test func saysHowItWatches() throws {
        let probe = try ConnectProbe(ProbeEnvironment())
        #expect(probe.source.hooks.count == 3)
        #expect(probe.source.hooks.first == bestHook(ofTracepoint: "inet_sock_set_state"))
        #expect(
            probe.source.hooks.dropFirst() == ["fentry/inet_stream_connect", "fexit/inet_stream_connect"]
                || probe.source.hooks.dropFirst() == [
                    "tp/syscalls/sys_enter_connect", "tp/syscalls/sys_exit_connect",
                ])
    }
}
