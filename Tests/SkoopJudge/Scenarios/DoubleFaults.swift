// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopTesting

extension LabScenario {
    /// Two faults at once that have nothing to do with each other.
    static let doubleFaults: [LabScenario] = [
        LabScenario("two: server stops accepting, DNS server fails", "listen-overflow", "dns-server-failure") { stage in
            let listener = try TCPListener(
                in: stage.lab.server, stage.family, port: stage.port(), backlog: stage.any(1...8))
            let endpoint = listener.endpoint
            let dns = try DNSServer(in: stage.lab.server, stage.family, .code(.serverFailure))
            try stage.fault {
                let load = try stage.requests(
                    to: endpoint, threads: stage.any(2...5), every: stage.milliseconds(20...200))
                let lookups = try stage.lookups(at: dns.endpoint, every: stage.milliseconds(50...400))
                rest(stage.duration)
                load.stop()
                lookups.stop()
            }
        },
        LabScenario("two: DNS server is slow, server resets", "dns-slow", "reset-unread-data") { stage in
            let bytes = stage.any(100...5000)
            let server = try TCPServer(
                in: stage.lab.server, stage.family, port: stage.port(), .closeUnread(after: bytes / 2))
            let dns = try DNSServer(in: stage.lab.server, stage.family, .answer(after: stage.milliseconds(400...1500)))
            try stage.fault {
                let load = try stage.requests(
                    to: server.endpoint, every: stage.milliseconds(30...300), bytes: bytes)
                let lookups = try stage.lookups(at: dns.endpoint, threads: 2, every: stage.milliseconds(100...400))
                rest(stage.duration)
                load.stop()
                lookups.stop()
            }
        },
        LabScenario("two: nobody listens, UDP buffer overflows", "connect-refused", "udp-receive-buffer") { stage in
            let target = stage.endpoint(stage.lab.server, stage.port())
            let port = stage.port()
            try stage.fault {
                let load = try stage.requests(to: target, every: stage.milliseconds(20...400))
                try stage.repeating(every: stage.milliseconds(300...1000)) {
                    _ = try stage.lab.overflowReceiveBuffer(stage.family, port: port, count: stage.any(20...100))
                }
                load.stop()
            }
        },
        LabScenario(
            "two: path loses packets, DNS server refuses", "path-loss", "dns-refused", topologies: [.routed],
            hidesMiddle: true
        ) { stage in
            guard let middle = stage.lab.middle else { throw LabError("needs something in the middle") }
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            let load = try stage.conversations(
                to: server.endpoint, threads: stage.any(2...5), every: stage.milliseconds(5...30),
                bytes: stage.any(200...20000), timeout: .seconds(5))
            let dns = try DNSServer(in: stage.lab.server, stage.family, .code(.refused))
            var random = stage.generator()
            let share = Double(stage.any(3...12)) / 100
            try stage.fault {
                let rule = try NetfilterRule(
                    on: middle, .forward, PacketMatch(.tcp), choosing: .random(share, using: &random), .drop)
                let lookups = try stage.lookups(at: dns.endpoint, every: stage.milliseconds(50...400))
                rest(stage.duration)
                lookups.stop()
                _ = consume rule
            }
            load.stop()
        },
        LabScenario("two: process does not read, damaged datagrams", "slow-reader", "checksum-errors") { stage in
            let server = try TCPServer(
                in: stage.lab.server, stage.family, port: stage.port(), receiveBuffer: 8192, .stall)
            try stage.fault {
                let load = try stage.writes(to: server.endpoint, threads: stage.any(1...3))
                try stage.repeating(every: stage.milliseconds(300...1000)) {
                    _ = try stage.lab.sendBadPackets(stage.family, .udpChecksum, count: stage.any(1...4))
                }
                load.stop()
            }
        },
        LabScenario("two: neighbour is gone, DNS answers too late", "neighbour-failed", "dns-late-answer") { stage in
            let timeout = stage.any(150...1000)
            let dns = try DNSServer(
                in: stage.lab.server, stage.family, .answer(after: .milliseconds(timeout + stage.any(150...800))))
            let target = stage.lab.absentNeighbour(stage.family, port: stage.port())
            try stage.fault {
                let load = try stage.requests(
                    to: target, threads: 2, every: stage.milliseconds(100...500), timeout: .seconds(5))
                let lookups = try stage.lookups(
                    at: dns.endpoint, every: stage.milliseconds(100...500), timeout: .milliseconds(timeout))
                rest(stage.duration)
                load.stop()
                lookups.stop()
            }
        },
    ]
}
