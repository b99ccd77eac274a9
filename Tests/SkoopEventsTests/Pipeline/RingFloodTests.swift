// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@testable import SkoopEvents

/// More events than a ring buffer holds, from a real program in the kernel.
@Suite(.serialized, .requiresRoot) struct RingFloodTests {
    /// Sends so many datagrams to a port that nobody listens on; the kernel counts each as `UdpNoPorts`.
    static let flood = """
        import socket, sys
        family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
        sender = socket.socket(family, socket.SOCK_DGRAM)
        for number in range(int(sys.argv[2])):
            sender.sendto(b'x', (sys.argv[1], 1024 + number % 60000))
        """

    @Test(arguments: ["127.0.0.1", "::1"])
    func everyPacketIsReportedOrCounted(address: String) throws {
        let namespace = try TestNamespace()
        let packets = 100_000
        var limits = EventLimits()
        limits.rate = 2000
        limits.queue = 1 << 20
        limits.foldWindow = .milliseconds(200)
        let board = CensusBoard()
        board.publish(.test([namespace.inode: "flooded"]))
        let shelf = CollectingSink.Shelf()
        let pipeline = try EventPipeline(
            node: "node", limits: limits, census: board,
            sinks: [PipelineSink("shelf") { () throws(SinkError) in CollectingSink(shelf) }])
        do {
            let probe = try PacketlossProbe(ProbeEnvironment(events: pipeline.outlet))
            try namespace.run("python3", "-c", Self.flood, address, "\(packets)")
            withExtendedLifetime(probe) {}
        }
        pipeline.stop(within: .seconds(60))

        let status = try #require(pipeline.probes.first)
        #expect(pipeline.probes.count == 1 && status.error == nil)
        #expect(status.lost.values.reduce(status.reported, +) == status.emitted, "\(status)")
        // Others on this host drop packets too. A drop in an interrupt that finds the program running on its CPU is not
        // shown to it (`recursion_misses` of the program): one in some ten thousand of a flood.
        #expect(status.emitted >= UInt64(packets - packets / 1000), "\(status)")
        let sink = try #require(pipeline.sinkStatuses.first)
        #expect(sink.lost.isEmpty && sink.queued == 0 && sink.delivered == sink.offered)
        #expect(shelf.events.reduce(0) { $0 + $1.count } == status.reported)
        let own = shelf.events.filter { $0.entity.namespace.rawValue == namespace.inode }
        #expect(!own.isEmpty)
        for event in own {
            #expect(event.entity.podName == "flooded" && event.timestamp <= event.lastTimestamp)
            #expect(event.source.pod == "flooded" || event.tuple == nil)
        }
        print("flood of \(address): \(status)")
    }
}
