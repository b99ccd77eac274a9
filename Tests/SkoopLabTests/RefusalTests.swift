// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopLab
import SkoopTesting
import Testing

@Suite("fault lab: closed ports and resets", .requiresRoot, .serialized)
struct RefusalTests {
    @Test("a closed TCP port", arguments: IPFamily.allCases)
    func closedTCPPort(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let attempt = try lab.connectToClosedPort(family)
        #expect(attempt.errno == ECONNREFUSED)
        #expect(attempt.client.address == lab.client.address(family))
        #expect(attempt.client.port != 0)
        #expect(attempt.server == lab.server.endpoint(family, port: 7))
        #expect(try lab.server.counters()["Tcp.OutRsts"] == 1)
        #expect(try lab.client.counters()["Tcp.AttemptFails"] == 1)
    }

    @Test("a closed UDP port", arguments: IPFamily.allCases)
    func closedUDPPort(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let burst = try lab.sendToClosedPort(family, count: 3)
        #expect(burst.sent == 3)
        let name = family == .v4 ? "Udp.NoPorts" : "Udp6NoPorts"
        #expect(try eventually { try lab.server.counters()[name] == 3 })
    }

    @Test("an established connection is reset", arguments: IPFamily.allCases, ResetCause.allCases)
    func reset(_ family: IPFamily, _ cause: ResetCause) throws {
        for side in FaultLab.Side.allCases {
            let lab = try FaultLab()
            let (sender, receiver) = side == .client ? (lab.client, lab.server) : (lab.server, lab.client)
            let resets = try NetfilterRule(on: receiver, .input, PacketMatch(.tcp, family, .reset), .accept)
            let connection = try lab.resetConnection(family, by: side, because: cause)
            #expect(connection.sender.address == sender.address(family))
            #expect(try resets.matched().packets == 1)
            let counters = try sender.counters()
            #expect(counters["Tcp.OutRsts"] == 1)
            switch cause {
            case .linger, .dataAfterClose: #expect(counters["TcpExt.TCPAbortOnData"] == 1)
            case .unreadData: #expect(counters["TcpExt.TCPAbortOnClose"] == 1)
            case .destroyed: #expect(counters["TcpExt.TCPAbortOnClose"] == 0)
            case .keepalive: #expect(counters["TcpExt.TCPKeepAlive"] == 1)
            }
            #expect(try receiver.counters()["Tcp.EstabResets"] == 1)
        }
    }
}

extension RefusalTests {
    @Test("a firewall answers with a reset", arguments: IPFamily.allCases)
    func reject(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try TCPServer(in: lab.server, family, .echo)
        let rule = try NetfilterRule(
            on: lab.server, .input, PacketMatch(.tcp, family, to: server.endpoint.port), .rejectWithReset)
        #expect(try lab.client.tryToConnect(to: server.endpoint).errno == ECONNREFUSED)
        #expect(try rule.chosen().packets == 1)
        #expect(try lab.client.counters()["Tcp.AttemptFails"] == 1)
        // The firewall's own, not TCP's.
        #expect(try lab.server.counters()["Tcp.OutRsts"] == 0)
    }

    @Test("a service resets or closes unread", arguments: IPFamily.allCases)
    func services(_ family: IPFamily) throws {
        let lab = try FaultLab()
        for service in [TCPService.reset(after: 5), .closeUnread(after: 5)] {
            let before = try lab.server.counters()
            let server = try TCPServer(in: lab.server, family, service)
            let connection = try lab.client.connect(to: server.endpoint)
            try connection.send(count: 5)
            #expect(throws: (any Error).self) { try connection.receive() }
            #expect(try lab.server.counters().growth(since: before)["Tcp.OutRsts"] == 1)
        }
    }
}
