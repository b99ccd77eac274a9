// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopLab
import SkoopTesting
import Testing

@Suite("fault lab: retransmissions and black holes", .requiresRoot, .serialized)
struct RetransmissionTests {
    @Test("a segment is lost and sent again", arguments: IPFamily.allCases, RetransmissionKind.allCases)
    func kind(_ family: IPFamily, _ kind: RetransmissionKind) throws {
        let lab = try FaultLab()
        let retransmission = try lab.retransmit(family, kind)
        #expect(retransmission.client.address == lab.client.address(family))
        let counters = try lab.client.counters()
        let probes = counters["TcpExt.TCPLossProbes"]
        #expect(retransmission.resent >= 1)
        #expect(counters["Tcp.RetransSegs"] == retransmission.resent + counters["TcpExt.TCPSynRetrans"])
        switch kind {
        case .fast: #expect(counters["TcpExt.TCPFastRetrans"] >= 1 && probes == 0)
        case .timeout: #expect(counters["TcpExt.TCPTimeouts"] >= 1 && probes == 0)
        case .tailLossProbe: #expect(probes >= 1)
        }
    }

    @Test("long packets vanish without a word", arguments: IPFamily.allCases)
    func blackHole(_ family: IPFamily) throws {
        let lab = try FaultLab(.routed)
        let server = try TCPServer(in: lab.server, family, .echo)
        do {
            let hole = try lab.blackHoleLongPackets(family)
            let connection = try lab.client.connect(to: server.endpoint)
            try connection.socket.setTimeout(.milliseconds(700))
            try connection.send(count: 500)
            #expect(try connection.receive(exactly: 500).count == 500)
            try connection.send(count: 1400)
            #expect(throws: (any Error).self) { try connection.receive() }
            #expect(try hole.silenced() >= 2)
            #expect(try lab.client.counters()["TcpExt.TCPTimeouts"] >= 1)
            try connection.resetOnClose()
        }
        let connection = try lab.client.connect(to: server.endpoint)
        try connection.send(count: 1400)
        #expect(try connection.receive(exactly: 1400).count == 1400)
    }

    @Test("hosts that cannot be reached", arguments: IPFamily.allCases, UnreachableCause.allCases)
    func unreachable(_ family: IPFamily, _ cause: UnreachableCause) throws {
        let lab = try FaultLab()
        let attempt = try lab.connectToUnreachable(family, because: cause)
        let expected: [CInt] =
            switch cause {
            case .noRoute: [ENETUNREACH]
            case .prohibitedRoute, .prohibited: family == .v4 && cause == .prohibited ? [EHOSTUNREACH] : [EACCES]
            case .noNeighbour, .hostUnreachable: [EHOSTUNREACH]
            }
        #expect(expected.contains(attempt.errno), "\(attempt)")
        let counters = try lab.client.counters()
        switch cause {
        case .noRoute: #expect(counters[family == .v4 ? "Ip.OutNoRoutes" : "Ip6OutNoRoutes"] >= 1)
        case .prohibitedRoute: break
        case .noNeighbour:
            let neighbours = try lab.client.run("ip", "neigh", "show", attempt.server.address)
            #expect(neighbours.contains("FAILED"))
        case .prohibited, .hostUnreachable:
            #expect(counters[family == .v4 ? "Icmp.InDestUnreachs" : "Icmp6InDestUnreachs"] >= 1)
        }
    }
}
