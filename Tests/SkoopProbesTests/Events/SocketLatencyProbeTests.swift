// SPDX-License-Identifier: Apache-2.0
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
        found = try families(&probe, in: namespace)
        #expect(found.observations(SocketLatencyExtraMetric.read, 1, labels: ["TCP"]) == nil)
    }

    private struct Missing: Error {}
}
