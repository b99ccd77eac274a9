// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import Foundation
    import SkoopProbes
    import SkoopTesting
    import Testing

    @testable import SkoopAgent

    /// A real Prometheus scrapes an agent on loopback, and says what it got.
    @Suite(.serialized) struct PrometheusTests {
        /// A Prometheus that scrapes one target every five seconds.
        struct Server: ~Copyable {
            let directory: TemporaryDirectory
            let process: TestProcess
            let address: ListenAddress

            init(scraping target: ListenAddress) throws {
                let directory = try TemporaryDirectory()
                try directory.write(
                    """
                    global: {scrape_interval: 5s, scrape_timeout: 5s}
                    scrape_configs:
                      - job_name: skoop
                        static_configs: [{targets: ["\(target)"]}]
                    """, to: "prometheus.yml")
                let port = try freePort()
                let process = try TestProcess(
                    TestTools.program("prometheus"), "--config.file=\(directory.path)/prometheus.yml",
                    "--storage.tsdb.path=\(directory.path)/data", "--web.listen-address=127.0.0.1:\(port)",
                    "--log.level=error")
                address = .tcp(host: "127.0.0.1", port: port)
                self.directory = directory
                self.process = process
            }

            /// The `data` of an answer of its API; nothing while it starts.
            func ask(_ path: String) throws -> Any? {
                guard let client = try? RawClient(address) else { return nil }
                let response = try client.get("/api/v1/\(path)", ["Connection: close"])
                guard response.status == 200 else { return nil }
                return (try JSONSerialization.jsonObject(with: response.body) as? [String: Any])?["data"]
            }

            /// The values of a query, by the value of a label.
            func query(_ expression: String, by label: String) throws -> [String: String] {
                let escaped = expression.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                let data = try ask("query?query=\(escaped)") as? [String: Any]
                var values: [String: String] = [:]
                for result in data?["result"] as? [[String: Any]] ?? [] {
                    let labels = result["metric"] as? [String: String] ?? [:]
                    values[labels[label] ?? ""] = (result["value"] as? [Any])?.last as? String
                }
                return values
            }
        }

        @Test func itScrapesEverySeries() throws {
            let test = try TestAgent([
                TestAgent.rows(1000),
                FakeProbe.agent("ipvs") { (_) throws(ProbeError) in throw ProbeError(.missingSubsystem, "no ip_vs") },
            ])
            let prometheus = try Server(scraping: test.server.address)
            let isScraped = try eventually {
                try prometheus.query("up", by: "job") == ["skoop": "1"]
            }
            let said = try prometheus.ask("targets")
            #expect(isScraped, "no successful scrape; the targets are \(said ?? "unknown")")
            #expect(try prometheus.query("count(skoop_test_rows_total)", by: "") == ["": "1000"])
            #expect(
                try prometheus.query(#"skoop_test_rows_total{row="999",k8s_pod="web"}"#, by: "k8s_namespace")
                    == ["shop": "999"])
            #expect(try prometheus.query("skoop_probe_success", by: "probe") == ["rows": "1", "ipvs": "0"])
            #expect(try prometheus.query("skoop_series", by: "k8s_node") == ["worker": "1000"])
            let metadata = try #require(
                try prometheus.ask("metadata?metric=skoop_probe_duration_seconds") as? [String: Any])
            let entries = try #require(metadata["skoop_probe_duration_seconds"] as? [[String: String]])
            #expect(entries.map { $0["type"] } == ["gauge"] && entries.map { $0["unit"] } == ["seconds"])
            let targets = try #require(try prometheus.ask("targets") as? [String: Any])
            let active = try #require(targets["activeTargets"] as? [[String: Any]])
            #expect(active.map { $0["lastError"] as? String } == [""])
        }
    }
#endif
