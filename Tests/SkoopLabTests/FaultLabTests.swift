// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopLab
import SkoopTesting
import Testing

@Suite("fault lab: nothing wrong", .requiresRoot, .serialized)
struct FaultLabTests {
    @Test("client and server reach each other", arguments: Topology.allCases, IPFamily.allCases)
    func echo(_ topology: Topology, _ family: IPFamily) throws {
        let lab = try FaultLab(topology)
        let server = try TCPServer(in: lab.server, family, .echo)
        let connection = try lab.client.connect(to: server.endpoint)
        try connection.send(count: 100_000)
        #expect(try connection.receive(exactly: 100_000).count == 100_000)
        #expect(connection.local.address == lab.client.address(family))
        #expect(server.accepted == 1)

        let udp = try UDPServer.echo(in: lab.server, family, port: 7)
        let socket = try UDPSocket(in: lab.client, family)
        try socket.send([1, 2, 3], to: udp.endpoint)
        #expect(try socket.receive(within: .seconds(10))?.bytes == [1, 2, 3])

        for host in [lab.client, lab.server] {
            let counters = try host.counters()
            for name in ["Tcp.OutRsts", "Tcp.AttemptFails", "Udp.InErrors", "TcpExt.ListenDrops"] {
                #expect(counters[name] == 0, "\(host.name) \(name): \(counters)")
            }
            #expect(counters["Tcp.OutSegs"] > 0)
        }
    }

    @Test("a program runs in the namespace until its value goes")
    func program() throws {
        let lab = try FaultLab()
        let pid: Int32
        do {
            let program = try lab.client.start("sleep", "1000")
            pid = program.pid
            #expect(try run("readlink", "/proc/\(pid)/ns/net") == "net:[\(lab.client.inode)]\n")
        }
        #expect(kill(pid, 0) != 0)
    }

    @Test("nothing is left when the value goes")
    func end() throws {
        let pids: [Int32]
        do {
            let lab = try FaultLab(.routed)
            let server = try TCPServer(in: lab.server, .v4, .stall)
            let connection = try lab.client.connect(to: server.endpoint)
            try connection.send(count: 1000)
            let router = lab.middle
            pids = [lab.client.pid, lab.server.pid, try #require(router).pid]
        }
        for pid in pids { #expect(kill(pid, 0) != 0) }
    }
}
