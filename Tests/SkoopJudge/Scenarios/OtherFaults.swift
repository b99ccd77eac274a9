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
    ]
}
