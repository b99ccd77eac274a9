// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct SocketLatencyProbeTests {
    /// A pair of connected sockets of a kind over an address; `sys.argv`: address, kind.
    private static let pair = """
        import socket, sys, threading, time
        family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
        kind = socket.SOCK_STREAM if sys.argv[2] == 'TCP' else socket.SOCK_DGRAM
        server = socket.socket(family, kind)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        server.bind((sys.argv[1], 4711))
        client = socket.socket(family, kind)
        if kind == socket.SOCK_STREAM:
            server.listen()
            client.connect((sys.argv[1], 4711))
            server = server.accept()[0]
        else:
            client.connect((sys.argv[1], 4711))

        """

    private func families(_ probe: inout SocketLatencyProbe, in namespace: borrowing TestNamespace) throws -> [Family] {
        try probe.collect(.live([NetworkNamespace(mountOf: namespace)]))
    }

    @Test(arguments: ["127.0.0.1", "::1"], ["TCP", "UDP"])
    func reportsWhatIsReadLate(address: String, kind: String) throws {
        let namespace = try TestNamespace()
        let collector = EventCollector()
        var probe = try SocketLatencyProbe(ProbeEnvironment(events: collector.outlet))
        try namespace.run(
            "python3", "-c",
            Self.pair + """
                client.send(b'x'); server.recv(10)
                client.send(b'x'); time.sleep(0.3); server.recv(10)
                """, address, kind)
        let events = try collector.events(in: namespace)
        #expect(events.count == 1)
        let event = try #require(events.first)
        #expect(event.type == SocketLatencyEvent.readSlow.type)
        #expect(event.tuple?.source.port == 4711)
        #expect(event.tuple?.source.address.description == address)
        #expect(event.tuple?.protocolName == kind)
        #expect(event.process?.command.hasPrefix("python3") == true)
        guard case .duration(let latency) = event.values.first else { throw Missing() }
        #expect((300_000_000..<3_000_000_000).contains(latency))

        let families = try families(&probe, in: namespace)
        #expect(families.observations(SocketLatencyExtraMetric.read, 1, labels: [kind]) == 2)
        let read = try #require(families.first { $0.metric == SocketLatencyExtraMetric.read.metric })
        let row = try #require(read.entities.firstIndex(of: 1))
        // From 262 ms on: slot 18 and above.
        #expect(read.bucketCounts(of: row).dropFirst(18).reduce(0, +) == 1)
        if kind == "TCP" {
            #expect(families.value(SocketLatencyMetric.read100ms, 1) == 1)
            #expect(families.value(SocketLatencyMetric.read1ms, 1) ?? 0 >= 1)
        }
    }

    /// Segments that nobody reads grow together to one: the oldest byte counts all the same.
    @Test(arguments: ["127.0.0.1", "::1"])
    func countsFromTheOldestByteOn(address: String) throws {
        let namespace = try TestNamespace()
        let collector = EventCollector()
        let probe = try SocketLatencyProbe(ProbeEnvironment(events: collector.outlet))
        try namespace.run(
            "python3", "-c",
            Self.pair + """
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for i in range(20): client.send(b'x' * 100); time.sleep(0.05)
                server.recv(65536)
                """, address, "TCP")
        let events = try collector.events(in: namespace)
        #expect(events.map(\.type) == [SocketLatencyEvent.readSlow.type])
        guard case .duration(let latency)? = events.first?.values.first else { throw Missing() }
        #expect(latency >= 900_000_000)
        withExtendedLifetime(probe) {}
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func countsEveryDatagramThatWaits(address: String) throws {
        let namespace = try TestNamespace()
        var probe = try SocketLatencyProbe(ProbeEnvironment(events: EventCollector().outlet))
        try namespace.run(
            "python3", "-c",
            Self.pair + """
                for i in range(8): client.send(b'x')
                for i in range(8): time.sleep(0.02); server.recv(10)
                """, address, "UDP")
        let families = try families(&probe, in: namespace)
        #expect(families.observations(SocketLatencyExtraMetric.read, 1, labels: ["UDP"]) == 8)
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func reportsWhatIsSentLate(address: String) throws {
        let namespace = try TestNamespace()
        let collector = EventCollector()
        var probe = try SocketLatencyProbe(ProbeEnvironment(events: collector.outlet))
        // The window closes; the last write waits until the reader begins.
        try namespace.run(
            "python3", "-c",
            Self.pair + """
                client.setblocking(False)
                try:
                    while True: client.send(b'x' * 65536)
                except BlockingIOError: pass
                def read():
                    time.sleep(0.5)
                    while server.recv(65536): pass
                thread = threading.Thread(target=read); thread.start()
                time.sleep(1); client.close(); thread.join()
                """, address, "TCP")
        let events = try collector.events(in: namespace).filter { $0.type == SocketLatencyEvent.sendSlow.type }
        let event = try #require(events.first)
        #expect(event.tuple?.destination.port == 4711)
        #expect(event.tuple?.destination.address.description == address)
        #expect(event.process?.command.hasPrefix("python3") == true)
        let families = try families(&probe, in: namespace)
        #expect(families.value(SocketLatencyMetric.write100ms, 1) == UInt64(events.count))
        #expect(families.observations(SocketLatencyExtraMetric.write, 1) ?? 0 >= UInt64(events.count))
    }

    /// What was written and never sent is not what the next socket at the same address sends.
    @Test(arguments: ["127.0.0.1", "::1"])
    func forgetsWhatAResetConnectionHasNotSent(address: String) throws {
        let namespace = try TestNamespace()
        let collector = EventCollector()
        var probe = try SocketLatencyProbe(ProbeEnvironment(events: collector.outlet))
        try namespace.run(
            "python3", "-c",
            """
            import os, socket, struct, sys, time
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # for then memory is used again at once
            family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
            server = socket.create_server((sys.argv[1], 0), family=family)
            for i in range(12):
                client = socket.create_connection(server.getsockname()[:2])
                other = server.accept()[0]
                client.setblocking(False)
                try:
                    while True: client.send(b'x' * 65536)
                except BlockingIOError: pass
                for end in (client, other):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); end.close()
                time.sleep(0.15)
                client = socket.create_connection(server.getsockname()[:2])
                other = server.accept()[0]
                for i in range(3): client.send(b'x'); other.recv(1); other.send(b'y'); client.recv(1)
            """, address)
        #expect(try families(&probe, in: namespace).value(SocketLatencyMetric.write100ms, 1) ?? 0 == 0)
        #expect(try collector.events().filter { $0.namespace.rawValue == namespace.inode } == [])
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func reportsNothingOfAQuickConversation(address: String) throws {
        let namespace = try TestNamespace()
        let collector = EventCollector()
        var probe = try SocketLatencyProbe(ProbeEnvironment(events: collector.outlet))
        try namespace.run(
            "python3", "-c",
            Self.pair + """
                for i in range(100):
                    client.send(b'x'); server.recv(10); server.send(b'y'); client.recv(10)
                """, address, "TCP")
        let families = try families(&probe, in: namespace)
        #expect(families.observations(SocketLatencyExtraMetric.read, 1, labels: ["TCP"]) == 200)
        #expect(families.observations(SocketLatencyExtraMetric.write, 1) == 200)
        #expect(try collector.events().filter { $0.namespace.rawValue == namespace.inode }.isEmpty)
    }

    @Test func forgetsANamespaceThatIsGone() throws {
        let namespace = try TestNamespace()
        var probe = try SocketLatencyProbe(ProbeEnvironment())
        try namespace.run("python3", "-c", Self.pair + "client.send(b'x'); server.recv(10)", "127.0.0.1", "TCP")
        var found = try families(&probe, in: namespace)
        #expect(found.observations(SocketLatencyExtraMetric.read, 1, labels: ["TCP"]) == 1)
        _ = try probe.collect(.live())
        sleep(2)
        _ = try probe.collect(.live())
        found = try families(&probe, in: namespace)
        #expect(found.observations(SocketLatencyExtraMetric.read, 1, labels: ["TCP"]) == nil)
    }

    private struct Missing: Error {}
}
