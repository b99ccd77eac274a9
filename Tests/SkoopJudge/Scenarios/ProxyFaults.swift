// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopTesting

extension LabScenario {
    /// Faults that clients notice at a proxy, and of which its access log is evidence.
    static let proxyFaults: [LabScenario] = [
        LabScenario("nginx: nobody listens at the upstream", "connect-refused") { stage in
            try stage.proxied(by: stage.endpoint(stage.lab.client, stage.port()))
        },
        LabScenario(
            "nginx: the upstream does not answer SYNs", "connect-unanswered", topologies: [.routed, .bridged],
            hidesMiddle: true
        ) { stage in
            guard let middle = stage.lab.middle else { throw LabError("needs something in the middle") }
            let server = try TCPServer(in: stage.lab.client, stage.family, port: stage.port(), .http())
            let endpoint = server.endpoint
            let rule = try NetfilterRule(
                on: middle, .forward, PacketMatch(.tcp, stage.family, to: endpoint.port), .drop)
            try stage.proxied(
                by: endpoint, location: "proxy_connect_timeout \(stage.any(2...4))s;", threads: stage.any(2...4))
            _ = consume rule
        },
        LabScenario("nginx: the upstream closes without an answer", "upstream-broke-off") { stage in
            let server = try TCPServer(
                in: stage.lab.client, stage.family, port: stage.port(), .answering([(stage.milliseconds(0...200), "")]))
            try stage.proxied(by: server.endpoint)
        },
        LabScenario("nginx: the header of answers is too large", "upstream-header-too-large") { stage in
            let cookie = String(repeating: "c", count: stage.any(8_300...20_000))
            let server = try TCPServer(
                in: stage.lab.client, stage.family, port: stage.port(),
                .answering([
                    (
                        stage.milliseconds(0...50),
                        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nSet-Cookie: \(cookie)\r\n\r\n1"
                    )
                ]))
            try stage.proxied(by: server.endpoint)
        },
        LabScenario("nginx: the upstream's name is not known", "upstream-unavailable") { stage in
            let dns = try DNSServer(in: stage.lab.client, stage.family, .code(.nameError))
            let endpoint = dns.endpoint
            let proxy = try Proxy(
                stage, location: "set $name gone\(stage.any(0...99)).example; proxy_pass http://$name:80;",
                http: "resolver \(endpoint) valid=1s ipv6=\(stage.any(of: ["on", "off"])); resolver_timeout 2s;")
            try stage.ask(proxy.endpoint)
        },
        LabScenario("nginx: a limit refuses requests", "request-limit") { stage in
            let server = try TCPServer(
                in: stage.lab.client, stage.family, port: stage.port(), backlog: 512, .http(body: stage.any(10...5000)))
            try stage.proxied(
                by: server.endpoint, location: "limit_req zone=z burst=\(stage.any(1...5)) nodelay;",
                http: "limit_req_zone $server_port zone=z:1m rate=\(stage.any(3...8))r/s; "
                    + "limit_req_status \(stage.any(of: [429, 503]));", threads: 3, every: stage.milliseconds(20...100))
        },
        LabScenario("nginx: a service has no endpoint", "no-endpoints") { stage in
            let proxy = try Proxy(stage, location: "return 503;")
            try stage.ask(proxy.endpoint)
        },
        LabScenario("nginx: the upstream is slower than the proxy waits", "upstream-answer-timeout") { stage in
            let server = try TCPServer(
                in: stage.lab.client, stage.family, port: stage.port(), .http(after: stage.milliseconds(3500...6000)))
            try stage.proxied(
                by: server.endpoint, location: "proxy_read_timeout \(stage.any(1...2))s;", threads: stage.any(2...4))
        },
        LabScenario("nginx: the upstream is slower than clients wait", "client-gave-up") { stage in
            let server = try TCPServer(
                in: stage.lab.client, stage.family, port: stage.port(), .http(after: stage.milliseconds(3500...6000)))
            try stage.proxied(
                by: server.endpoint, threads: stage.any(2...4), timeout: stage.milliseconds(700...2000))
        },
        LabScenario("nginx: the upstream is slow", "upstream-slow") { stage in
            let server = try TCPServer(
                in: stage.lab.client, stage.family, port: stage.port(), .http(after: stage.milliseconds(1100...3000)))
            try stage.proxied(by: server.endpoint, threads: stage.any(3...6))
        },
        LabScenario("nginx: the upstream answers in drips", "upstream-body-slow") { stage in
            let pieces = stage.any(3...6)
            let head = "HTTP/1.1 200 OK\r\nContent-Length: \(pieces * 50)\r\n\r\n"
            let rests = (0..<pieces).map { _ in (stage.milliseconds(700...1200), String(repeating: "d", count: 50)) }
            let server = try TCPServer(
                in: stage.lab.client, stage.family, port: stage.port(), .answering([(.zero, head)] + rests))
            try stage.proxied(by: server.endpoint, threads: stage.any(3...6))
        },
        LabScenario("nginx: the upstream answers with errors", "upstream-errors") { stage in
            let status = stage.any(of: ["500 Internal Server Error", "503 Service Unavailable"])
            let server = try TCPServer(
                in: stage.lab.client, stage.family, port: stage.port(),
                .answering([(stage.milliseconds(0...50), "HTTP/1.1 \(status)\r\nContent-Length: 4\r\n\r\nsick")]))
            try stage.proxied(by: server.endpoint)
        },
        LabScenario("nginx: clients send slowly", "client-slow") { stage in
            let server = try TCPServer(
                in: stage.lab.client, stage.family, port: stage.port(),
                .answering([(.zero, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]))
            let pieces = stage.any(3...6)
            try stage.proxied(
                by: server.endpoint, threads: stage.any(3...6), body: (pieces, stage.milliseconds(500...900)))
        },
        LabScenario("nginx: clients send half a request", "client-sends-late") { stage in
            let server = try TCPServer(in: stage.lab.client, stage.family, port: stage.port(), .http())
            try stage.proxied(
                by: server.endpoint, location: "client_body_timeout \(stage.any(1...2))s;", threads: stage.any(2...5),
                body: (stage.any(1...3), stage.milliseconds(0...200)), isWhole: false)
        },
        LabScenario("search domains at a DNS server that is not fast", "dns-search") { stage in
            let slowness = stage.milliseconds(140...180)
            let server = try DNSServer(
                in: stage.lab.server, stage.family,
                DNSBehaviour { query, _ in
                    DNSBehaviour.Reply(
                        query.name.hasSuffix(".local")
                            ? query.answer(.nameError)
                            : query.answer(.noError, [query.type == .a ? "192.0.2.1" : "2001:db8::1"]),
                        after: slowness)
                })
            let names = ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "lab.local"]
            let file = try stage.resolverFile(
                of: stage.lab.client,
                "nameserver \(server.endpoint.address)\nsearch \(names.prefix(stage.any(3...4)).joined(separator: " "))\n"
                    + "options ndots:5\n")
            try stage.fault {
                let clients = try (0..<stage.any(2...4)).map { number in
                    try ResolverClient(
                        stage, file, "api\(number).example.com", every: stage.milliseconds(100...500),
                        for: stage.duration)
                }
                // A name takes them a second.
                rest(stage.duration + .seconds(4))
                _ = clients.count
            }
        },
    ]
}

extension Stage {
    /// Clients ask a proxy in front of a server while the fault lasts.
    fileprivate func proxied(
        by upstream: Endpoint, location: String = "", http: String = "", threads: Int = 2, every pause: Duration? = nil,
        timeout: Duration = .seconds(20), body: (pieces: Int, pause: Duration) = (0, .zero), isWhole: Bool = true
    ) throws {
        let proxy = try Proxy(self, upstream: upstream, location: location, http: http)
        try ask(
            proxy.endpoint, threads: threads, every: pause, timeout: timeout, body: body, isWhole: isWhole)
    }

    fileprivate func ask(
        _ proxy: Endpoint, threads: Int = 2, every pause: Duration? = nil, timeout: Duration = .seconds(20),
        body: (pieces: Int, pause: Duration) = (0, .zero), isWhole: Bool = true
    ) throws {
        try fault {
            let load = try proxyRequests(
                to: proxy, threads: threads, every: pause ?? milliseconds(50...300), timeout: timeout, body: body,
                isWhole: isWhole)
            rest(duration)
            load.stop()
            // The last requests are in the log when they have ended.
            rest(.milliseconds(300))
        }
    }
}
