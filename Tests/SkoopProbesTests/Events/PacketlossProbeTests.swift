// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct PacketlossProbeTests {
    @Test(arguments: ["127.0.0.1", "::1"])
    func reportsAPacketToAClosedPort(address: String) throws {
        let namespace = try TestNamespace()
        let collector = EventCollector()
        let probe = try PacketlossProbe(ProbeEnvironment(events: collector.outlet))
        try namespace.run(
            "python3", "-c",
            """
            import socket, sys
            family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
            socket.socket(family, socket.SOCK_DGRAM).sendto(b'x', (sys.argv[1], 4242))
            """, address)
        let events = try collector.events(in: namespace)
        let dropped = try #require(events.first { $0.tuple?.destination.port == 4242 })
        #expect(dropped.type == PacketlossEvent.packetLoss.type)
        #expect(dropped.tuple?.destination.address.description == address)
        #expect(dropped.tuple?.protocolName == "UDP")
        #expect(probe.source.hooks == ["tp_btf/kfree_skb"])
    }
}
