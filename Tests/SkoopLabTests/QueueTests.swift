// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopSystem
import SkoopTesting
import Testing

@Suite("fault lab: full queues", .requiresRoot, .serialized)
struct QueueTests {
    @Test("a listen queue overflows", arguments: IPFamily.allCases, [0, 1, 5])
    func listen(_ family: IPFamily, _ backlog: Int) throws {
        let lab = try FaultLab()
        let overflow = try lab.overflowListenQueue(family, backlog: backlog, attempts: 4)
        #expect(overflow.waiting.count == backlog + 1)
        #expect(Set(overflow.dropped).count == 4)
        let counters = try lab.server.counters()
        #expect(counters["TcpExt.ListenOverflows"] == 4)
        #expect(counters["TcpExt.ListenDrops"] == 4)
    }

    @Test("a window closes and opens again", arguments: IPFamily.allCases)
    func window(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let window = try lab.closeWindow(family)
        #expect(window.written > 4096)
        #expect(try lab.server.counters()["TcpExt.TCPToZeroWindowAdv"] > 0)
        #expect(try lab.server.counters()["TcpExt.TCPFromZeroWindowAdv"] == 0)
        try window.open()
        #expect(try eventually { try lab.server.counters()["TcpExt.TCPFromZeroWindowAdv"] > 0 })
    }

    @Test("a slow reader gets everything in the end", arguments: IPFamily.allCases)
    func slowReader(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try TCPServer(
            in: lab.server, family, receiveBuffer: 4096, .slowReader(4096, every: .milliseconds(5)))
        let connection = try lab.client.connect(to: server.endpoint)
        let start = MonotonicTime.now
        try connection.send(count: 100_000)
        connection.finish()
        // The server ends the connection when it has read everything.
        #expect(try connection.receive().isEmpty)
        #expect(MonotonicTime.now.since(start) >= .milliseconds(100_000 / 4096 * 5))
    }

    @Test("a queueing discipline drops what does not fit", arguments: IPFamily.allCases)
    func shaper(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let burst = try lab.overflowQueue(family, count: 50)
        // Two in the burst and about twenty in the queue.
        #expect((20...35).contains(burst.lost))
        let name = family == .v4 ? "Udp.InDatagrams" : "Udp6InDatagrams"
        #expect(try lab.server.counters()[name] == burst.sent - burst.lost + 1)
    }

    @Test("a queue that everything fits drops nothing", arguments: IPFamily.allCases)
    func control(_ family: IPFamily) throws {
        let lab = try FaultLab()
        #expect(try lab.overflowQueue(family, count: 5).lost == 0)
        #expect(try lab.overflowReceiveBuffer(family, count: 1).lost == 0)
        #expect(try lab.overflowListenQueue(family, attempts: 0).dropped.isEmpty)
        #expect(try lab.server.counters()["TcpExt.ListenDrops"] == 0)
    }
}
