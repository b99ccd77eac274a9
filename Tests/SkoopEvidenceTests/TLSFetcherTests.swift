// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import Foundation
    import SkoopAnalysis
    import SkoopEvidence
    import SkoopTesting
    import Testing

    /// Against the TLS of nginx, with a Prometheus and a server of bad manners behind it.
    @Suite(.serialized) struct TLSFetcherTests {
        private static let backend = """
            import http.server, sys, time
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(200)
                    if self.path == "/slow":
                        self.end_headers()
                        for _ in range(600): self.wfile.write(b"x"); self.wfile.flush(); time.sleep(.2)
                    self.send_header("Content-Length", "99"); self.end_headers()
                    self.wfile.write(b"short")
                def log_message(self, *args): pass
            http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
            """

        /// nginx with a certificate that holds, one that has expired, and one that wants to see the client's.
        private struct Site: ~Copyable {
            let authority: TestAuthority
            let client: (certificate: String, key: String)
            let ports: [UInt16]
            let directory: TemporaryDirectory
            private let processes: [RunningProcess]

            init() throws {
                let directory = try TemporaryDirectory()
                let folder = directory.path
                let authority = try TestAuthority()
                let own = try authority.issue("server", for: "IP:127.0.0.1,DNS:localhost")
                let old = try authority.issue("old", for: "IP:127.0.0.1", days: -1)
                let client = try authority.issue("client", for: "DNS:agent")
                let ports = [try freePort(), try freePort(), try freePort()]
                let (backend, prometheus) = (try freePort(), try freePort())
                let page =
                    "kubeskoop_tcpext_listenoverflows{k8s_node=\"n\",k8s_namespace=\"shop\",k8s_pod=\"cart\"} 3\n"
                try directory.write(page, to: "files/metrics")
                try directory.write(String(repeating: "x", count: 3_000_000), to: "files/large")
                try directory.write("scrape_configs: []\n", to: "prometheus.yml")
                let paths = ["body", "proxy", "fastcgi", "uwsgi", "scgi"].map { name in
                    let word = name == "body" ? "client_body" : name
                    return "\(word)_temp_path \(folder)/\(name);"
                }.joined(separator: " ")
                func server(_ port: UInt16, _ identity: (certificate: String, key: String), _ more: String) -> String {
                    """
                    server {
                        listen 127.0.0.1:\(port) ssl;
                        ssl_certificate \(identity.certificate);
                        ssl_certificate_key \(identity.key);
                        \(more)
                        root \(folder)/files;
                        location /secret {
                            if ($http_authorization != "Bearer token") { return 401 "who is it?"; }
                            return 200 "welcome";
                        }
                        location /broken { return 502 "no backend"; }
                        location /moved { return 301 https://elsewhere.example.org/; }
                        location /prometheus/ { proxy_pass http://127.0.0.1:\(prometheus)/; }
                        location /bad/ { proxy_buffering off; proxy_pass http://127.0.0.1:\(backend)/; }
                    }
                    """
                }
                try directory.write(
                    """
                    daemon off; master_process off; user root; pid \(folder)/pid; error_log /dev/null;
                    events { worker_connections 256; }
                    http {
                        access_log off; \(paths)
                        \(server(ports[0], own, ""))
                        \(server(ports[1], old, ""))
                        \(server(ports[2], own, "ssl_verify_client on; ssl_client_certificate \(authority.certificate);"))
                    }
                    """, to: "nginx.conf")
                let program = (try? TestTools.program("../sbin/nginx")) ?? "nginx"
                let processes = [
                    try RunningProcess([program, "-e", "/dev/null", "-c", folder + "/nginx.conf"]),
                    try RunningProcess(["python3", "-c", TLSFetcherTests.backend, "\(backend)"]),
                    try RunningProcess([
                        try TestTools.program("prometheus"), "--config.file=\(folder)/prometheus.yml",
                        "--storage.tsdb.path=\(folder)/data", "--web.listen-address=127.0.0.1:\(prometheus)",
                        "--log.level=error",
                    ]),
                ]
                self.authority = authority
                self.client = client
                self.processes = processes
                self.ports = ports
                self.directory = directory
            }

            /// One whose servers answer.
            static func ready() throws -> Site {
                let site = try Site()
                let fetcher = try site.fetcher()
                #expect(eventually { (try? fetcher.fetch("/prometheus/-/ready"))?.status == 200 })
                #expect(eventually { (try? fetcher.fetch("/bad/x")).map { $0.status != 502 } ?? true })
                return site
            }

            func fetcher(
                _ port: Int = 0, host: String = "127.0.0.1", authority other: TestAuthority? = nil, path: String = "",
                credentials: HTTPFetcher.Credentials = .none, isKnown: Bool = false, timeout: Duration = .seconds(60)
            ) throws -> HTTPFetcher {
                try HTTPFetcher(
                    ServerURL("https://\(host):\(ports[port])\(path)"), credentials: credentials,
                    tls: .init(
                        caFile: (other ?? authority).certificate, certFile: isKnown ? client.certificate : nil,
                        keyFile: isKnown ? client.key : nil), timeout: timeout)
            }
        }

        /// A process that a struct without copies can hold several of.
        private final class RunningProcess {
            private let process: TestProcess
            init(_ words: [String]) throws { process = try TestProcess(words, errors: .nullDevice) }
        }

        private func error(_ fetcher: HTTPFetcher, _ path: String = "/metrics") -> String? {
            do throws(EvidenceError) {
                _ = try fetcher.fetch(path)
                return nil
            } catch { return error.message }
        }

        @Test func asksServersBehindTLS() throws {
            let site = try Site.ready()
            #expect(try site.fetcher().fetch("/metrics").status == 200)
            #expect(try site.fetcher(host: "localhost").fetch("/large").body.count == 3_000_000)
            try site.directory.write("token\n", to: "token")
            let token = try HTTPFetcher.Credentials(file: site.directory.path + "/token", isToken: true)
            #expect(try site.fetcher(credentials: token).fetch("/secret").body == Array("welcome".utf8))
            // A metrics page as a source takes it.
            var evidence = Evidence()
            let request = EvidenceRequest(Analyzer())
            try ScrapeSource(site.fetcher(), for: .milliseconds(300), every: .milliseconds(100))
                .add(to: &evidence, request)
            #expect(evidence.entities.contains { $0.name == "shop/cart" } && evidence.gaps.isEmpty)
            // A real Prometheus that holds nothing answers every question.
            let range: ClosedRange<UInt64> = 1_763_800_000_000_000_000...1_763_800_060_000_000_000
            let prometheus = PrometheusSource(try site.fetcher(path: "/prometheus/"))
            let failure = #expect(throws: EvidenceError.self) {
                try prometheus.add(to: &evidence, EvidenceRequest(Analyzer(), range: range))
            }
            #expect(failure?.message == "it has none of the metrics at that time")
        }

        @Test func trustsOnlyWhomItShould() throws {
            let site = try Site.ready()
            let untrusted = "its certificate is not trusted: none of the authorities"
            // The file with its certificate lives as long as an authority does.
            let other = try TestAuthority("other")
            #expect(error(try site.fetcher(authority: other))?.hasPrefix(untrusted) == true)
            withExtendedLifetime(other) {}
            #expect(error(try site.fetcher(1))?.hasPrefix(untrusted) == true)
            #expect(
                error(try HTTPFetcher(ServerURL("https://127.0.0.1:\(site.ports[0])")))?.hasPrefix(untrusted) == true)
            #expect(error(try site.fetcher(1, host: "localhost")) != nil)
            // Who shows no certificate gets nothing.
            #expect(try site.fetcher(2).fetch("/metrics").status == 400)
            #expect(try site.fetcher(2, isKnown: true).fetch("/metrics").status == 200)
            let missing = try HTTPFetcher(
                ServerURL("https://127.0.0.1:\(site.ports[0])"), tls: .init(caFile: "/nonexistent/ca.pem"))
            #expect(error(missing)?.hasPrefix("/nonexistent/ca.pem: cannot be used for TLS") == true)
            #expect(throws: EvidenceError.self) {
                try HTTPFetcher(ServerURL("https://127.0.0.1"), tls: .init(certFile: site.client.certificate))
            }
        }

        @Test func saysWhatIsWrongWithAnswers() throws {
            let site = try Site.ready()
            let fetcher = try site.fetcher()
            for (path, expected) in [
                ("/secret", "it does not let us in: it answered 401: who is it?"),
                ("/broken", "it answered 502: no backend"), ("/none", "it answered 404"),
                ("/moved", "it answered 301, and redirections are not followed"),
                ("/bad/cut", "the answer was cut off"),
            ] {
                var evidence = Evidence()
                let failure = #expect(throws: EvidenceError.self) {
                    try ScrapeSource(fetcher, path: path, for: .milliseconds(1), every: .milliseconds(1))
                        .add(to: &evidence, EvidenceRequest(Analyzer()))
                }
                #expect(failure?.message.hasPrefix(expected) == true, "\(path): \(String(describing: failure))")
                #expect(failure?.source == "https://127.0.0.1:\(site.ports[0])")
            }
            // It never stops, though it always says something.
            #expect(error(try site.fetcher(timeout: .seconds(2)), "/bad/slow") == "it did not answer in time")
            // Plain HTTP is spoken at the port of TLS, and the other way round.
            let plain = try HTTPFetcher(ServerURL("http://127.0.0.1:\(site.ports[0])"))
            #expect(try plain.fetch("/metrics").status == 400)
            let closed = try HTTPFetcher(ServerURL("https://127.0.0.1:\(try freePort())"))
            #expect(error(closed)?.contains("refused") == true)
        }
    }
#endif
