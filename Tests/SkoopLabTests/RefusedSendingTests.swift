// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopSystem
import SkoopTesting
import Testing

@Suite("fault lab: hosts that do not send", .requiresRoot, .serialized)
struct RefusedSendingTests {
    @Test("a BPF program drops what goes to one port", arguments: IPFamily.allCases)
    func program(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try TCPServer(in: lab.server, family, .echo)
        let other = try TCPServer(in: lab.server, family, .echo)
        do {
            let program = try PacketProgram(on: lab.client, .egress, dropping: server.endpoint)
            #expect(throws: (any Error).self) {
                _ = try lab.client.connect(to: server.endpoint) { try $0.setTimeout(.milliseconds(2500)) }
            }
            _ = try lab.client.connect(to: other.endpoint)
            _ = program
        }
        #expect(try lab.client.counters()["TcpExt.TCPRetransFail"] > 0)
        #expect(eventually { (try? lab.client.connect(to: server.endpoint)) != nil })
    }

    @Test("what a tunnel's process does not take in time is dropped", arguments: IPFamily.allCases)
    func tunnel(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let tunnel = try lab.slowTunnel(length: 10, pause: .milliseconds(1))
        let receiver = try UDPSocket(in: lab.server, family, at: tunnel.server(family))
        let sender = try UDPSocket(in: lab.client, family)
        for _ in 0..<100 { try sender.send([UInt8](repeating: 0, count: 500), to: receiver.local) }
        var received = 0
        while try receiver.receive(within: .milliseconds(500)) != nil { received += 1 }
        #expect((1..<100).contains(received))
        #expect(try lab.client.drops(of: SlowTunnel.device) == 100 - received)
    }
}

extension LabHost {
    /// What a device counts as dropped before it was sent.
    fileprivate func drops(of device: String) throws -> Int {
        let text = try inside { () throws(SystemError) in
            // Of the thread, which alone is in the namespace.
            try FileContent.read("/proc/thread-self/net/dev", atMost: 1 << 16).bytes
        }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        let line = try #require(lines.first { $0.contains("\(device):") })
        return Int(line.split(separator: " ")[12]) ?? -1
    }
}
