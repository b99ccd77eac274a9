// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopTesting

extension LabScenario {
    /// Faults of TCP connections.
    static let tcpFaults: [LabScenario] = [
        LabScenario("server stops accepting", "listen-overflow") { stage in
            let backlog = stage.any(1...16)
            let listener = try TCPListener(
                in: stage.lab.server, stage.family, port: stage.port(), backlog: backlog)
            let endpoint = listener.endpoint
            try stage.fault {
                // So many that the queue is full at once, however long they wait.
                let load = try stage.requests(
                    to: endpoint, threads: backlog + stage.any(2...6), every: stage.milliseconds(20...200),
                    timeout: stage.milliseconds(1500...4000))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("nobody listens", "connect-refused") { stage in
            let endpoint = stage.endpoint(stage.lab.server, stage.port())
            try stage.fault {
                let load = try stage.requests(to: endpoint, every: stage.milliseconds(20...500))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario(
            "firewall drops SYNs on the way", "connect-unanswered", topologies: [.routed, .bridged], hidesMiddle: true
        ) { stage in
            guard let middle = stage.lab.middle else { throw LabError("needs something in the middle") }
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            try stage.fault {
                let rule = try NetfilterRule(
                    on: middle, .forward, PacketMatch(.tcp, stage.family, to: server.endpoint.port), .drop)
                let load = try stage.requests(
                    to: server.endpoint, threads: stage.any(1...3), every: stage.milliseconds(50...500),
                    timeout: stage.milliseconds(3500...6000))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("path loses packets", "path-loss", topologies: [.routed], hidesMiddle: true) { stage in
            guard let middle = stage.lab.middle else { throw LabError("needs something in the middle") }
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            let load = try stage.conversations(
                to: server.endpoint, threads: stage.any(2...5), every: stage.milliseconds(5...30),
                bytes: stage.any(200...20000), timeout: .seconds(5))
            var random = stage.generator()
            let share = Double(stage.any(3...12)) / 100
            try stage.fault {
                let rule = try NetfilterRule(
                    on: middle, .forward, PacketMatch(.tcp), choosing: .random(share, using: &random), .drop)
                rest(stage.duration)
            }
            load.stop()
        },
        LabScenario("firewall rule on the server", "netfilter-drop") { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            let load = try stage.requests(
                to: server.endpoint, threads: stage.any(1...3), every: stage.milliseconds(50...300),
                timeout: stage.milliseconds(2000...4000))
            let hook = stage.any(of: [NetfilterRule.Hook.prerouting, .input])
            try stage.fault {
                let rule = try NetfilterRule(
                    on: stage.lab.server, hook, PacketMatch(.tcp, stage.family, to: server.endpoint.port), .drop)
                rest(stage.duration)
            }
            load.stop()
        },
        LabScenario("server closes without reading", "reset-unread-data") { stage in
            let bytes = stage.any(100...5000)
            let server = try TCPServer(
                in: stage.lab.server, stage.family, port: stage.port(), .closeUnread(after: bytes / 2))
            try stage.fault {
                let load = try stage.requests(
                    to: server.endpoint, threads: stage.any(1...3), every: stage.milliseconds(30...300), bytes: bytes)
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("server does not linger", "reset-on-data") { stage in
            let bytes = stage.any(100...5000)
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .reset(after: bytes))
            try stage.fault {
                let load = try stage.requests(
                    to: server.endpoint, threads: stage.any(1...3), every: stage.milliseconds(30...300), bytes: bytes)
                rest(stage.duration)
                load.stop()
            }
        },
    ]
}
