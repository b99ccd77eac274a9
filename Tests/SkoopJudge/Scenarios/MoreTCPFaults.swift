// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopLab
import SkoopTesting

extension LabScenario {
    /// Further faults of TCP connections.
    static let moreTCPFaults: [LabScenario] = [
        LabScenario("SYN flood", "syn-queue-full", topologies: [.routed], hidesMiddle: true) { stage in
            try stage.lab.server.setting("ipv4/tcp_syncookies", stage.any(of: ["0", "1"]))
            let listener = try TCPListener(
                in: stage.lab.server, stage.family, port: stage.port(), backlog: stage.any(4...16))
            let target = listener.endpoint
            let silence = try stage.lab.vanishAnswers(of: target)
            try stage.fault {
                try stage.repeating(every: stage.milliseconds(2...10)) {
                    try stage.lab.forgeSYN(number: stage.any(0...9999), to: target)
                }
            }
            _ = consume silence
        },
        LabScenario(
            "server's answers are lost on the way back", "handshake-incomplete", topologies: [.routed, .bridged],
            hidesMiddle: true
        ) { stage in
            guard let middle = stage.lab.middle else { throw LabError("needs something in the middle") }
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            stage.watchOnly(stage.lab.server)
            try stage.fault {
                let rule = try NetfilterRule(
                    on: middle, .forward, PacketMatch(.tcp, stage.family, from: server.endpoint.port), .drop)
                let load = try stage.requests(
                    to: server.endpoint, threads: stage.any(2...4), every: stage.milliseconds(50...500),
                    timeout: stage.milliseconds(3500...6000))
                rest(stage.duration)
                load.stop()
                _ = consume rule
            }
        },
        LabScenario("firewall rejects", "netfilter-drop") { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            let load = try stage.requests(to: server.endpoint, every: stage.milliseconds(50...400))
            try stage.fault {
                let rule = try NetfilterRule(
                    on: stage.lab.server, .input, PacketMatch(.tcp, stage.family, to: server.endpoint.port),
                    .rejectAsProhibited)
                rest(stage.duration)
                _ = consume rule
            }
            load.stop()
        },
        // Over IPv4 the kernel makes the same error of it as of a host that cannot be reached.
        LabScenario(
            "firewall elsewhere rejects", "connect-prohibited", topologies: [.routed], families: [.v6],
            hidesMiddle: true
        ) { stage in try stage.reject(.rejectAsProhibited) },
        LabScenario(
            "router knows no way", "connect-unreachable", topologies: [.routed], hidesMiddle: true
        ) { stage in try stage.reject(.rejectAsHostUnreachable) },
        LabScenario("no route", "connect-unreachable", topologies: [.direct, .bridged]) { stage in
            let target = Endpoint(stage.family, stage.family == .v4 ? "192.0.2.9" : "2001:db8::9", port: stage.port())
            try stage.fault {
                let load = try stage.requests(to: target, every: stage.milliseconds(100...500))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("neighbour is gone", "neighbour-failed") { stage in
            let target = stage.lab.absentNeighbour(stage.family, port: stage.port())
            try stage.fault {
                let load = try stage.requests(
                    to: target, threads: stage.any(1...3), every: stage.milliseconds(100...500), timeout: .seconds(5))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("no ports are left", "port-exhaustion") { stage in
            let first = stage.any(40000...50000)
            try stage.lab.client.setting("ipv4/ip_local_port_range", "\(first) \(first + stage.any(20...60))")
            try stage.lab.client.setting("ipv4/tcp_tw_reuse", "0")
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            try stage.fault {
                let load = try stage.anonymousRequests(to: server.endpoint, every: stage.milliseconds(5...40))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("TIME_WAIT overflows", "time-wait-build-up") { stage in
            try stage.lab.client.setting("ipv4/tcp_max_tw_buckets", "\(stage.any(5...40))")
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            try stage.fault {
                let load = try stage.requests(to: server.endpoint, threads: 2, every: stage.milliseconds(5...40))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("server resets, and is not watched", "reset-by-peer") { stage in
            let bytes = stage.any(100...5000)
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .reset(after: bytes))
            stage.watchOnly(stage.lab.client)
            try stage.fault {
                let load = try stage.requests(
                    to: server.endpoint, threads: stage.any(1...3), every: stage.milliseconds(50...300), bytes: bytes)
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("server resets ports of another range, and is not watched", "reset-by-peer") { stage in
            let first = stage.any(1024...20000)
            try stage.lab.client.setting("ipv4/ip_local_port_range", "\(first) \(first + stage.any(2000...10000))")
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .reset(after: 100))
            stage.watchOnly(stage.lab.client)
            try stage.fault {
                let load = try stage.requests(
                    to: server.endpoint, threads: stage.any(1...3), every: stage.milliseconds(50...300), bytes: 100)
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("peers vanish", "peer-gone", topologies: [.routed, .bridged], hidesMiddle: true) { stage in
            guard let middle = stage.lab.middle else { throw LabError("needs something in the middle") }
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .discard)
            stage.watchOnly(stage.lab.client)
            let clients = try (0..<stage.any(2...6)).map { _ in try stage.keptAlive(to: server.endpoint) }
            try stage.fault {
                let rule = try NetfilterRule(
                    on: middle, .forward, PacketMatch(.tcp, stage.family, from: server.endpoint.port), .drop)
                rest(stage.duration)
                _ = consume rule
            }
            _ = clients.count
        },
        LabScenario(
            "the way to the server takes long", "connect-slow", topologies: [.routed], hidesMiddle: true
        ) { stage in
            guard let middle = stage.lab.middle else { throw LabError("needs something in the middle") }
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            try stage.fault {
                // Shorter than the time after which a SYN is sent again.
                let delay = try PacketDelay(
                    on: middle, .forward, stage.family, .tcp, to: server.endpoint.port,
                    by: stage.milliseconds(600...850))
                let load = try stage.requests(
                    to: server.endpoint, threads: stage.any(2...4), every: stage.milliseconds(50...300),
                    timeout: .seconds(6))
                rest(stage.duration)
                load.stop()
                _ = consume delay
            }
        },
        LabScenario("process does not read", "slow-reader") { stage in
            let server = try TCPServer(
                in: stage.lab.server, stage.family, port: stage.port(), receiveBuffer: stage.any(of: [8192, 65536]),
                stage.any(of: [.stall, .slowReader(1000, every: .seconds(1))]))
            try stage.fault {
                let load = try stage.writes(to: server.endpoint, threads: stage.any(1...3))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("process reads late", "slow-reader") { stage in
            let server = try TCPServer(
                in: stage.lab.server, stage.family, port: stage.port(),
                .slowReader(100_000, every: stage.milliseconds(900...2500)))
            try stage.fault {
                let load = try stage.writes(
                    to: server.endpoint, threads: stage.any(2...4), bytes: 500, every: stage.milliseconds(300...600))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("peer does not read", "peer-reads-slowly") { stage in
            let server = try TCPServer(
                in: stage.lab.server, stage.family, port: stage.port(), receiveBuffer: 8192, .stall)
            stage.watchOnly(stage.lab.client)
            try stage.fault {
                let load = try stage.writes(to: server.endpoint, threads: stage.any(1...3))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("old time stamps", "paws") { stage in
            try stage.fault {
                try stage.repeating(every: stage.milliseconds(300...1000)) {
                    _ = try stage.lab.sendBadPackets(stage.family, .oldTimestamp, count: stage.any(1...4))
                }
            }
        },
        LabScenario("damaged segments and datagrams", "checksum-errors") { stage in
            let defect = stage.any(of: [PacketDefect.tcpChecksum, .udpChecksum])
            try stage.fault {
                try stage.repeating(every: stage.milliseconds(300...1000)) {
                    _ = try stage.lab.sendBadPackets(stage.family, defect, count: stage.any(1...4))
                }
            }
        },
        LabScenario("MTU black hole", "mtu-black-hole", topologies: [.routed], hidesMiddle: true) { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            let small = try stage.requests(to: server.endpoint, every: stage.milliseconds(50...200), bytes: 100)
            try stage.fault {
                let hole = try stage.lab.blackHoleLongPackets(stage.family, mtu: stage.any(1280...1400))
                let load = try stage.requests(
                    to: server.endpoint, threads: stage.any(1...3), every: stage.milliseconds(100...500),
                    bytes: stage.any(5000...60000), timeout: stage.milliseconds(3000...6000))
                rest(stage.duration)
                load.stop()
                _ = consume hole
            }
            small.stop()
        },
        LabScenario("device is saturated", "egress-saturated") { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            try stage.fault {
                let shaper = try TrafficShaper(
                    on: stage.lab.client, rate: stage.any(50_000...400_000), burst: 4000,
                    limit: stage.any(10_000...60_000))
                let load = try stage.requests(
                    to: server.endpoint, threads: stage.any(2...5), every: stage.milliseconds(5...50),
                    bytes: stage.any(50_000...300_000), timeout: .seconds(5))
                rest(stage.duration)
                load.stop()
                _ = consume shaper
            }
        },
        LabScenario("conntrack takes connections for invalid", "conntrack-invalid") { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            let load = try stage.conversations(
                to: server.endpoint, threads: stage.any(3...6), every: stage.milliseconds(20...100),
                timeout: .seconds(30))
            try stage.fault {
                let rule = try stage.lab.dropInvalid()
                rest(stage.duration)
                _ = consume rule
            }
            load.stop()
        },
        LabScenario("CPU limit", "process-not-scheduled") { stage in
            let quota = try CPUQuota(.milliseconds(stage.any(3...8)), every: .milliseconds(100))
            let server = try PythonServer(stage, work: stage.any(5...20))
            let load = try stage.requests(
                to: server.endpoint, threads: stage.any(3...8), every: stage.milliseconds(10...50),
                bytes: stage.any(50...500), timeout: .seconds(5))
            try stage.fault {
                try quota.add(process: server.pid)
                rest(stage.duration)
                guard try quota.statistics().throttledPeriods > 5 else { throw LabError("nothing was throttled") }
            }
            load.stop()
        },
        LabScenario("process is stopped while clients connect", "listen-overflow") { stage in
            let server = try PythonServer(stage, backlog: stage.any(2...10))
            let load = try stage.requests(
                to: server.endpoint, threads: stage.any(16...24), every: stage.milliseconds(10...50),
                timeout: stage.milliseconds(1000...3000))
            try stage.fault {
                kill(server.pid, SIGSTOP)
                rest(stage.duration)
                kill(server.pid, SIGCONT)
            }
            load.stop()
        },
    ]
}

extension Stage {
    /// The router answers attempts to connect in place of the server.
    fileprivate func reject(_ verdict: NetfilterRule.Verdict) throws {
        guard let middle = lab.middle else { throw LabError("needs something in the middle") }
        let server = try TCPServer(in: lab.server, family, port: port(), .echo)
        try fault {
            let rule = try NetfilterRule(
                on: middle, .forward, PacketMatch(.tcp, family, to: server.endpoint.port), verdict)
            let load = try requests(to: server.endpoint, every: milliseconds(50...400))
            rest(duration)
            load.stop()
            _ = consume rule
        }
    }
}
