// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopTesting

extension LabScenario {
    /// Further things that look like trouble and are none.
    static let moreHealthy: [LabScenario] = [
        LabScenario("healthy: clients give up early on purpose") { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .http(body: 50_000))
            try stage.fault {
                let load = try stage.impatientRequests(to: server.endpoint, every: stage.milliseconds(20...100))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("healthy: health checks that reset") { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            try stage.fault {
                let load = try stage.resettingChecks(of: server.endpoint, every: stage.milliseconds(200...1000))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("healthy: load test with nginx") { stage in
            let server = try Nginx(stage)
            try stage.fault {
                let load = try stage.httpRequests(
                    to: server.endpoint, threads: stage.any(4...12), every: stage.milliseconds(0...3))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("healthy: nginx reloads and restarts") { stage in
            var server: Nginx? = try Nginx(stage)
            let endpoint = stage.endpoint(stage.lab.server, server?.endpoint.port ?? 0)
            let load = try stage.httpRequests(
                to: endpoint, threads: stage.any(1...4), every: stage.milliseconds(10...100))
            try stage.fault {
                rest(stage.milliseconds(1000...3000))
                server?.reload()
                rest(stage.milliseconds(1000...3000))
                server = nil
                rest(stage.milliseconds(100...1500))
                server = try Nginx(stage, port: endpoint.port)
                rest(stage.duration)
            }
            load.stop()
        },
        LabScenario("healthy: DNS with a few names that do not exist") { stage in
            let server = try DNSServer(
                in: stage.lab.server, stage.family,
                DNSBehaviour { query, _ in
                    DNSBehaviour.Reply(query.id % 3 == 0 ? query.answer(.nameError) : query.answer(.noError, []))
                })
            try stage.fault {
                let load = try stage.lookups(at: server.endpoint, threads: 2, every: stage.milliseconds(10...100))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("healthy: several DNS servers are asked at once") { stage in
            let slow = try DNSServer(in: stage.lab.server, stage.family, .answer(after: stage.milliseconds(10...40)))
            let host = stage.lab.client
            try stage.fault {
                // The first answer ends it; the other one meets a closed socket.
                let load = try Load(on: host, every: stage.milliseconds(50...300)) {
                    _ = try host.lookUp("name.example", at: slow.endpoint, timeout: .milliseconds(5))
                }
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("healthy: bulk transfer") { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .discard)
            try stage.fault {
                let load = try stage.writes(to: server.endpoint, threads: 2, bytes: 200_000, every: .milliseconds(1))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("healthy: clients try two addresses at once", topologies: [.routed, .bridged], hidesMiddle: true) {
            stage in
            guard let middle = stage.lab.middle else { throw LabError("needs something in the middle") }
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            // The other version of IP leads nowhere; whoever knows that tries both, and gives the slower one up.
            let other: IPFamily = stage.family == .v4 ? .v6 : .v4
            let dead = stage.lab.server.endpoint(other, port: stage.port())
            let rule = try NetfilterRule(on: middle, .forward, PacketMatch(.tcp, other, to: dead.port), .drop)
            let host = stage.lab.client
            let patience = stage.milliseconds(50...300)
            try stage.fault {
                let load = try Load(on: host, threads: 2, every: stage.milliseconds(100...1000)) {
                    _ = try? host.tryToConnect(to: dead, timeout: patience)
                }
                let good = try stage.requests(to: server.endpoint, every: stage.milliseconds(50...200))
                rest(stage.duration)
                load.stop()
                good.stop()
            }
            _ = consume rule
        },
        LabScenario("healthy: a proxy whose clients leave early and look for what is not there") { stage in
            let server = try TCPServer(
                in: stage.lab.client, stage.family, port: stage.port(), .http(after: stage.milliseconds(20...60)))
            let proxy = try Proxy(stage, upstream: server.endpoint)
            try stage.fault {
                let load = try stage.proxyRequests(
                    to: proxy.endpoint, threads: stage.any(2...4), every: stage.milliseconds(20...100))
                let hasty = try stage.proxyRequests(
                    to: proxy.endpoint, threads: 1, every: stage.milliseconds(100...400), timeout: .milliseconds(10))
                rest(stage.duration)
                load.stop()
                hasty.stop()
            }
        },
        LabScenario("healthy: idle") { stage in
            try stage.fault { rest(stage.duration) }
        },
    ]
}
