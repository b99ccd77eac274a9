// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopLab
import SkoopTesting

extension LabScenario {
    /// Faults of kinds that are rarer.
    static let otherFaults: [LabScenario] = [
        LabScenario("clients far away come to a closed port", "connection-unknown") { stage in
            let endpoint = stage.endpoint(stage.lab.server, stage.port())
            stage.watchOnly(stage.lab.server)
            try stage.fault {
                let load = try stage.requests(to: endpoint, every: stage.milliseconds(20...300))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("process forgets to close", "close-wait-leak") { stage in
            // It waits for more than an end.
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), backlog: 512, .stall)
            let (host, endpoint) = (stage.lab.client, server.endpoint)
            try stage.fault {
                let load = try Load(on: host, every: stage.milliseconds(10...60)) {
                    _ = try host.connect(to: endpoint) { try $0.setTimeout(.seconds(2)) }
                }
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario(
            "path loses DNS datagrams", "dns-retries", topologies: [.routed, .bridged], hidesMiddle: true
        ) { stage in
            guard let middle = stage.lab.middle else { throw LabError("needs something in the middle") }
            let server = try DNSServer(in: stage.lab.server, stage.family)
            var random = stage.generator()
            let share = Double(stage.any(5...12)) / 100
            try stage.fault {
                let rule = try NetfilterRule(
                    on: middle, .forward, PacketMatch(.udp), choosing: .random(share, using: &random), .drop)
                let load = try stage.lookups(
                    at: server.endpoint, threads: 3, every: stage.milliseconds(50...150),
                    timeout: stage.milliseconds(500...2000))
                rest(stage.duration + .seconds(4))
                load.stop()
                _ = consume rule
            }
        },
        LabScenario(
            "sources without a way back", "reverse-path-filter", topologies: [.direct, .bridged], families: [.v4]
        ) {
            stage in
            try stage.fault {
                try stage.repeating(every: stage.milliseconds(300...1000)) {
                    _ = try stage.lab.sendBadPackets(stage.family, .spoofedSource, count: stage.any(1...5))
                }
            }
        },
        LabScenario("server does not wait for the other's end", "reset-linger") { stage in
            let server = try TCPServer(
                in: stage.lab.server, stage.family, port: stage.port(),
                TCPService { connection in
                    try connection.socket.setOption(IPPROTO_TCP, TCP_LINGER2, -1)
                    _ = try connection.receive()
                    connection.finish()
                    rest(.milliseconds(50))
                })
            let (host, endpoint) = (stage.lab.client, server.endpoint)
            try stage.fault {
                let load = try Load(on: host, every: stage.milliseconds(50...300)) {
                    let connection = try host.connect(to: endpoint) { try $0.setTimeout(.seconds(2)) }
                    try connection.send(count: 100)
                    // It takes its time to notice the end.
                    rest(.milliseconds(150))
                }
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("buffers become smaller than what was promised", "tcp-receive-buffer") { stage in
            // Who may send more than there is room for sends it in segments of their own.
            try stage.lab.client.sendSegmentsAlone()
            // The ten segments that come first take some 23 kB, and the kernel makes twice of what is asked.
            let (room, pause) = (CInt(stage.any(2000...9000)), stage.milliseconds(20...100))
            let server = try TCPServer(
                in: stage.lab.server, stage.family, port: stage.port(),
                TCPService { connection in
                    try connection.socket.setOption(SOL_SOCKET, SO_RCVBUF, room)
                    repeat { rest(pause) } while try !connection.receive(upTo: 1 << 20).isEmpty
                })
            let (host, endpoint, bytes) = (stage.lab.client, server.endpoint, stage.any(20_000...50_000))
            try stage.fault {
                let load = try Load(on: host, threads: stage.any(2...5), every: stage.milliseconds(30...200)) {
                    let connection = try host.connect(to: endpoint) { try $0.setTimeout(.seconds(5)) }
                    rest(.milliseconds(10))
                    try connection.send(count: bytes)
                    connection.finish()
                    _ = try connection.receive()
                }
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("BPF program refuses what is sent to a server", "retransmit-failed") { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            let load = try stage.requests(
                to: server.endpoint, threads: stage.any(1...4), every: stage.milliseconds(50...500),
                timeout: stage.milliseconds(2500...6000))
            try stage.fault {
                let program = try PacketProgram(on: stage.lab.client, .egress, dropping: server.endpoint)
                rest(stage.duration)
                _ = program
            }
            load.stop()
        },
        LabScenario("BPF program drops what a server answers", "retransmit-failed") { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            let load = try stage.conversations(
                to: server.endpoint, threads: stage.any(2...5), every: stage.milliseconds(5...100),
                bytes: stage.any(50...5000), timeout: stage.milliseconds(2000...6000))
            try stage.fault {
                let program = try PacketProgram(
                    on: stage.lab.server, .egress, dropping: server.endpoint, isSource: true)
                rest(stage.duration)
                _ = program
            }
            load.stop()
        },
        LabScenario("BPF program drops what a server receives", "netfilter-drop") { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            let load = try stage.conversations(
                to: server.endpoint, threads: stage.any(2...5), every: stage.milliseconds(5...100),
                bytes: stage.any(50...5000), timeout: stage.milliseconds(2000...6000))
            try stage.fault {
                let program = try PacketProgram(on: stage.lab.server, .ingress, dropping: server.endpoint)
                rest(stage.duration)
                _ = program
            }
            load.stop()
        },
        LabScenario("tunnel's process is slow", "netdev-drops") { stage in
            let tunnel = try stage.lab.slowTunnel(
                length: stage.any(8...40), pause: .microseconds(stage.any(500...3000)))
            let server = try TCPServer(
                in: stage.lab.server, stage.family, port: stage.port(), at: tunnel.server(stage.family), .echo)
            try stage.fault {
                let load = try stage.requests(
                    to: server.endpoint, threads: stage.any(2...5), every: stage.milliseconds(5...100),
                    bytes: stage.any(30_000...300_000), timeout: .seconds(5))
                rest(stage.duration)
                load.stop()
            }
        },
    ]
}
