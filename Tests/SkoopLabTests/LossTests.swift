// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopLab
import SkoopTesting
import Testing

@Suite("fault lab: losses", .requiresRoot, .serialized)
struct LossTests {
    @Test("netfilter drops what it should and nothing else", arguments: NetfilterRule.Hook.allCases, IPFamily.allCases)
    func drop(_ hook: NetfilterRule.Hook, _ family: IPFamily) throws {
        let lab = try FaultLab(.routed)
        let router = lab.middle
        let host = hook == .output ? lab.client : hook == .input ? lab.server : try #require(router)
        let server = try UDPServer.echo(in: lab.server, family)
        let other = try UDPServer.echo(in: lab.server, family)
        let socket = try UDPSocket(in: lab.client, family)
        do {
            let rule = try NetfilterRule(
                on: host, hook, PacketMatch(.udp, family, to: server.endpoint.port), choosing: .only(1, 3), .drop)
            for number in 0..<5 {
                // A dropped datagram on the way out is an error of the call.
                try? socket.send([UInt8(number)], to: server.endpoint)
                try socket.send([100], to: other.endpoint)
                _ = try socket.receive(within: .seconds(10))
                if number != 1 && number != 3 { _ = try socket.receive(within: .seconds(10)) }
            }
            #expect(try rule.matched().packets == 5)
            #expect(try rule.chosen() == .init(packets: 2, bytes: 2 * (family.headerLength + 9)))
        }
        #expect(server.received == 3)
        #expect(other.received == 5)
        try socket.send([9], to: server.endpoint)
        #expect(try socket.receive(within: .seconds(10))?.bytes == [9])
    }

    @Test("a lost SYN and a lost SYN-ACK", arguments: IPFamily.allCases, [true, false])
    func handshake(_ family: IPFamily, _ isSYN: Bool) throws {
        let lab = try FaultLab()
        let server = try TCPServer(in: lab.server, family, .echo)
        do {
            let rule =
                isSYN
                ? try lab.loseSYN(family, port: server.endpoint.port)
                : try lab.loseSYNACK(family, port: server.endpoint.port)
            let attempt = try lab.client.tryToConnect(to: server.endpoint, timeout: .milliseconds(1500))
            #expect(attempt.errno == EINPROGRESS)
            #expect(attempt.duration >= .milliseconds(1500))
            let again = try lab.client.counters()["TcpExt.TCPSynRetrans"]
            #expect(again >= 1)
            let dropped = try rule.chosen().packets
            // The server answers every copy, and again by its own timer.
            #expect(isSYN ? dropped == 1 + again : dropped >= 1 + again)
        }
        #expect(try lab.client.tryToConnect(to: server.endpoint).errno == 0)
    }

    @Test("one lost segment of the handshake costs a second", arguments: IPFamily.allCases, [true, false])
    func oneOfHandshake(_ family: IPFamily, _ isSYN: Bool) throws {
        let lab = try FaultLab()
        let server = try TCPServer(in: lab.server, family, .echo)
        let port = server.endpoint.port
        let rule =
            isSYN
            ? try lab.loseSYN(family, port: port, choosing: .only(0))
            : try lab.loseSYNACK(family, port: port, choosing: .only(0))
        let attempt = try lab.client.tryToConnect(to: server.endpoint)
        #expect(attempt.errno == 0)
        #expect(attempt.duration >= .milliseconds(900))
        #expect(try rule.chosen().packets == 1)
    }

    @Test("a random share is the same with the same seed", arguments: IPFamily.allCases)
    func share(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let receiver = try UDPSocket(in: lab.server, family, receiveBuffer: 1 << 20)
        let sender = try UDPSocket(in: lab.client, family)
        var random = SeededGenerator(seed: 7)
        let choice = PacketChoice.random(0.3, using: &random)
        let rule = try NetfilterRule(
            on: lab.server, .input, PacketMatch(.udp, family, to: receiver.local.port), choosing: choice, .drop)
        for _ in 0..<300 { try sender.send([1, 2, 3], to: receiver.local) }
        #expect(try rule.matched().packets == 300)
        #expect(try rule.chosen().packets == choice.count(among: 300))
        var again = SeededGenerator(seed: 7)
        #expect(choice == .random(0.3, using: &again))
    }

    @Test("a receive buffer overflows", arguments: IPFamily.allCases)
    func receiveBuffer(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let burst = try lab.overflowReceiveBuffer(family, count: 100)
        #expect(burst.lost > 50)
        let name = family == .v4 ? "Udp.RcvbufErrors" : "Udp6RcvbufErrors"
        #expect(try lab.server.counters()[name] == burst.lost)
    }
}
