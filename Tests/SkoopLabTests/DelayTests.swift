// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopSystem
import SkoopTesting
import Testing

@Suite("fault lab: delays", .requiresRoot, .serialized)
struct DelayTests {
    @Test("packets are held back, each as long", arguments: IPFamily.allCases)
    func packets(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try TCPServer(in: lab.server, family, .echo)
        let passed: Int
        do {
            let delay = try PacketDelay(
                on: lab.server, .input, family, .tcp, to: server.endpoint.port, by: .milliseconds(40))
            let attempt = try lab.client.tryToConnect(to: server.endpoint)
            #expect(attempt.errno == 0)
            #expect(attempt.duration >= .milliseconds(40))
            let connection = try lab.client.connect(to: server.endpoint)
            let start = MonotonicTime.now
            try connection.send(count: 10)
            #expect(try connection.receive(exactly: 10).count == 10)
            #expect(MonotonicTime.now.since(start) >= .milliseconds(40))
            passed = delay.passed
        }
        // SYN, acknowledgement, end and its acknowledgement; SYN, acknowledgement, data.
        #expect(passed >= 5)
        let connection = try lab.client.connect(to: server.endpoint)
        try connection.send(count: 10)
        #expect(try connection.receive(exactly: 10).count == 10)
    }

    @Test("two delays add up and each is its own", arguments: IPFamily.allCases)
    func two(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try UDPServer.echo(in: lab.server, family)
        let there = try PacketDelay(on: lab.client, .output, family, .udp, by: .milliseconds(30))
        let here = try PacketDelay(
            on: lab.server, .input, family, .udp, to: server.endpoint.port, by: .milliseconds(20))
        let socket = try UDPSocket(in: lab.client, family)
        let start = MonotonicTime.now
        for number in 0..<5 { try socket.send([UInt8(number)], to: server.endpoint) }
        for number in 0..<5 { #expect(try socket.receive(within: .seconds(10))?.bytes == [UInt8(number)]) }
        #expect(MonotonicTime.now.since(start) >= .milliseconds(50))
        // A packet is on its way before it is counted.
        #expect(eventually { there.passed == 5 })
        #expect(eventually { here.passed == 5 })
    }

    @Test("a slow service answers late", arguments: IPFamily.allCases)
    func service(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try TCPServer(in: lab.server, family, port: 80, .http(body: 5, after: .milliseconds(30)))
        let connection = try lab.client.connect(to: server.endpoint)
        for _ in 0..<2 {
            let start = MonotonicTime.now
            try connection.send(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"
            let answer = try connection.receive(exactly: head.utf8.count + 5)
            #expect(String(decoding: answer, as: UTF8.self) == head + "00000")
            #expect(MonotonicTime.now.since(start) >= .milliseconds(30))
        }
    }
}
