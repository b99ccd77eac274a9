// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import Foundation
    import SkoopModel
    import SkoopProbes
    import SkoopSystem
    import SkoopTesting
    import Testing

    @testable import SkoopAgent

    @Suite struct HTTPServerTests {
        @Test func findingsAreServedWhereTheyAreLookedFor() throws {
            let test = try TestAgent([TestAgent.rows(1)]) { $0.analysis.interval = .milliseconds(20) }
            let client = try RawClient(test.server.address)
            let agent = test.agent
            #expect(eventually { agent.findings?.latest != nil })
            let response = try client.get("/findings")
            #expect(response.status == 200 && response.headers["content-type"] == "application/json")
            let document = try #require(try JSONSerialization.jsonObject(with: response.body) as? [String: Any])
            #expect(document["schema"] as? String == "skoop.findings/1")
            #expect((document["open"] as? [Any])?.isEmpty == true)
            #expect((document["latest"] as? [String: Any])?["schema"] as? String == "skoop.analysis/1")
            let without = try TestAgent([TestAgent.rows(1)]) { $0.analysis.isEnabled = false }
            #expect(try RawClient(without.server.address).get("/findings").status == 404)
        }

        @Test func theFormatFollowsTheRequest() throws {
            let test = try TestAgent([TestAgent.rows(3)])
            let client = try RawClient(test.server.address)
            let plain = try client.get("/metrics")
            #expect(plain.status == 200)
            #expect(plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(plain.headers["content-encoding"] == nil)
            let row = #"skoop_test_rows_total{k8s_node="worker",k8s_namespace="shop",k8s_pod="web",row="2"} 2"#
            #expect(plain.text.contains(row + "\n"))
            #expect(plain.text.contains("\nskoop_probe_success{k8s_node=\"worker\",probe=\"rows\"} 1\n"))

            let openMetrics = try client.get(
                "/metrics", ["Accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.1"])
            #expect(openMetrics.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(openMetrics.text.hasSuffix("# EOF\n"))

            let json = try client.get("/metrics?format=json")
            #expect(json.headers["content-type"] == "application/json")
            #expect(try JSONSerialization.jsonObject(with: json.body) is [String: Any])

            let unknown = try client.get("/metrics?format=xml")
            #expect(unknown.status == 400)
            #expect(unknown.text == "format: 'xml' is not one of prometheus, openmetrics, json\n")
        }

        @Test(arguments: [("gzip", ["gzip", "-dc"]), ("zstd", ["zstd", "-dcq"])])
        func pagesAreCompressed(_ coding: String, _ witness: [String]) throws {
            let test = try TestAgent([TestAgent.rows(20_000)]) { $0.limits.seriesPerFamily = 100_000 }
            let client = try RawClient(test.server.address)
            let response = try client.get("/metrics", ["Accept-Encoding: \(coding)"])
            #expect(response.headers["content-encoding"] == coding)
            #expect(response.headers["vary"] == "Accept, Accept-Encoding")
            let page = String(decoding: try piped(response.body, through: witness), as: UTF8.self)
            #expect(page.contains(#"row="19999"} 19999"# + "\n"))
            #expect(page.split(separator: "\n").count { $0.hasPrefix("skoop_test_rows_total{") } == 20_000)
            #expect(response.body.count < page.utf8.count / 5)
            // The same connection, uncompressed, has the same rows.
            let plain = try client.get("/metrics")
            #expect(plain.text.contains(#"row="19999"} 19999"# + "\n"))
        }

        @Test func HEADHasTheHeadersAndNoBody() throws {
            let test = try TestAgent([TestAgent.rows(1)])
            let client = try RawClient(test.server.address)
            for path in ["/", "/status", "/healthz", "/metrics"] {
                let head = try client.request("HEAD", path)
                let get = try client.get(path)
                #expect(head.status == 200 && get.status == 200)
                #expect(head.headers["content-type"] == get.headers["content-type"])
                #expect(head.headers["content-length"].map { Int($0) != nil } == (path != "/metrics" ? true : nil))
            }
            #expect(test.agent.collector.status.collections == 1)
        }

        @Test func otherRequestsAreRefused() throws {
            let test = try TestAgent([])
            let client = try RawClient(test.server.address)
            #expect(try client.get("/nothing").status == 404)
            #expect(try client.get("/metrics/").status == 404)
            for method in ["POST", "PUT", "DELETE"] {
                let response = try client.request(method, "/metrics", ["Content-Length: 0"])
                #expect(response.status == 405)
                #expect(response.headers["allow"] == "GET, HEAD")
                #expect(response.text == "method \(method) is not allowed; allowed are GET, HEAD\n")
            }
            #expect(try client.request("POST", "/nothing", ["Content-Length: 0"]).status == 404)
            #expect(try client.get("/metrics", ["Accept-Encoding: *;q=0"]).status == 406)
            let garbage = try RawClient(test.server.address)
            try garbage.send("\u{1}\u{2}\r\n\r\n")
            #expect(try garbage.response().status == 400)
        }

        @Test func oldClientsGetAClosedConnection() throws {
            let test = try TestAgent([TestAgent.rows(3)])
            let client = try RawClient(test.server.address)
            try client.send("GET /metrics HTTP/1.0\r\n\r\n")
            let response = try client.response()
            #expect(response.status == 200 && response.headers["transfer-encoding"] == nil)
            #expect(response.text.contains("row=\"2\"} 2\n"))
            let polite = try RawClient(test.server.address)
            #expect(try polite.get("/healthz", ["Connection: close"]).text == "ok\n")
            #expect(polite.isClosed())
        }

        @Test func theStatusTellsEverything() throws {
            let test = try TestAgent([
                TestAgent.rows(3),
                FakeProbe.agent("ipvs") { (_) throws(ProbeError) in
                    throw ProbeError(.missingSubsystem, "no /proc/net/ip_vs_stats: module \"ip_vs\" is not loaded")
                },
            ]) { $0.notices = [.init(key: "event.sinks[0]", subject: "event sink loki")] }
            let client = try RawClient(test.server.address)
            _ = try client.get("/metrics")
            let response = try client.get("/status")
            let status = try #require(try JSONSerialization.jsonObject(with: response.body) as? [String: Any])
            let inUse = try #require((status["inuse_probes"] as? [String: Any])?["metrics"] as? [[String: String]])
            #expect(inUse == [["name": "rows", "state": "Running"], ["name": "ipvs", "state": "Running"]])
            #expect((status["available_probes"] as? [String: [String]])?["metrics"] == ["rows", "ipvs"])
            #expect(status["node"] as? String == "worker")
            let probes = try #require(status["probes"] as? [[String: Any]])
            #expect(probes[0]["success"] as? Bool == true && probes[0]["series"] as? Int == 3)
            #expect(probes[0]["source"] as? String == "procfs" && probes[0]["error"] is NSNull)
            let error = try #require(probes[1]["error"] as? [String: String])
            #expect(error["reason"] == "missing-subsystem")
            #expect(error["message"] == "no /proc/net/ip_vs_stats: module \"ip_vs\" is not loaded")
            let notices = try #require(status["notices"] as? [[String: String]])
            #expect(
                notices == [["key": "event.sinks[0]", "message": "event sink loki is known but not built yet"]])
            let page = try client.get("/")
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.text.contains("module &quot;ip_vs&quot; is not loaded"))
            // That a kernel lacks a subsystem is no fault.
            #expect(page.text.contains("<td>ipvs</td><td class=\"dim\">not on this kernel</td>"))
            #expect(page.text.contains("<td>rows</td><td class=\"good\">Running</td>"))
            #expect(!page.text.contains("class=\"bad\""))
        }

        @Test func concurrentScrapesShareOneCollectionAndAreLimited() throws {
            let gate = Gate()
            let started = Monitor(0)
            let test = try TestAgent([
                FakeProbe.agent("slow") { _ in
                    started.update { $0 += 1 }
                    gate.wait()
                    return []
                }
            ]) { $0.limits.scrapes = 3 }
            let first = try RawClient(test.server.address)
            let second = try RawClient(test.server.address)
            let third = try RawClient(test.server.address)
            let fourth = try RawClient(test.server.address)
            try first.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
            started.wait { $0 == 1 ? true : nil }
            try second.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
            try third.send("GET /metrics?format=json HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { test.server.load.scrapes == 3 })
            let refused = try fourth.get("/metrics")
            #expect(refused.status == 503 && refused.headers["retry-after"] == "1")
            #expect(refused.text == "3 scrapes are under way, the most that limits.scrapes allows\n")
            #expect(try fourth.get("/healthz").status == 200)
            gate.open()
            #expect(try first.response().status == 200)
            #expect(try second.response().status == 200)
            #expect(try third.response().status == 200)
            #expect(test.agent.collector.status.collections == 1)
            #expect(started.update { $0 } == 1)
            #expect(try fourth.get("/metrics").status == 200)
            #expect(eventually { test.server.load.scrapes == 0 })
        }

        @Test func aSlowClientIsCutOffAndDisturbsNobody() throws {
            var timeouts = HTTPServer.Timeouts()
            // Long enough for whoever reads, however busy this host is.
            timeouts.send = .seconds(5)
            let test = try TestAgent([TestAgent.rows(100_000)], timeouts: timeouts) {
                $0.limits.seriesPerFamily = 1_000_000
            }
            // Ten megabytes to a client that reads nothing and has little room.
            let slow = try RawClient(test.server.address, receiveBuffer: 4096)
            try slow.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
            let quick = try RawClient(test.server.address)
            #expect(try quick.get("/metrics", ["Accept-Encoding: gzip"]).status == 200)
            #expect(eventually { test.server.load.scrapes == 0 })
            #expect(eventually { test.server.load.connections == 1 })
            #expect(try quick.get("/healthz").status == 200)
            withExtendedLifetime(slow) {}
        }

        @Test func aClientThatLeavesCostsNothing() throws {
            let gate = Gate()
            let test = try TestAgent([
                FakeProbe.agent("slow") { _ in
                    gate.wait()
                    return []
                }
            ])
            do {
                let client = try RawClient(test.server.address)
                try client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(eventually { test.server.load.scrapes == 1 })
                withExtendedLifetime(client) {}
            }
            #expect(eventually { test.server.load.connections == 0 })
            gate.open()
            #expect(eventually { test.server.load.scrapes == 0 })
        }

        @Test func silentClientsAreCutOff() throws {
            var timeouts = HTTPServer.Timeouts()
            timeouts.request = .milliseconds(200)
            let test = try TestAgent([], timeouts: timeouts)
            let silent = try RawClient(test.server.address)
            try silent.send("GET /metrics HTTP/1.1\r\nHo")
            #expect(silent.isClosed())
            #expect(eventually { test.server.load.connections == 0 })
        }

        @Test func tooManyAreCutOff() throws {
            let test = try TestAgent([]) { $0.limits.connections = 1 }
            let first = try RawClient(test.server.address)
            #expect(try first.get("/healthz").status == 200)
            let other = try RawClient(test.server.address)
            #expect(other.isClosed())
            #expect(try first.get("/healthz").status == 200)
        }

        @Test func requestsInOneSegmentAreAnsweredInOrder() throws {
            let test = try TestAgent([TestAgent.rows(3)])
            let client = try RawClient(test.server.address)
            try client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text.contains("skoop_test_rows_total"))
            #expect(try client.response().text == "ok\n")
        }

        @Test func itListensOnBothIPVersions() throws {
            let test = try TestAgent([], address: .tcp(host: "", port: 0))
            guard case .tcp(_, let port) = test.server.address else { return }
            for host in ["127.0.0.1", "::1"] {
                let client = try RawClient(.tcp(host: host, port: port))
                #expect(try client.get("/healthz").text == "ok\n")
            }
        }

        @Test func itListensOnAUnixSocket() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/new/deep/agent.sock"
            let address = ListenAddress.unix(path: path)
            do {
                let test = try TestAgent([], address: address)
                let client = try RawClient(test.server.address)
                #expect(try client.get("/healthz").text == "ok\n")
                let error = #expect(throws: ListenError.self) { _ = try TestAgent([], address: address) }
                #expect(error?.description.contains("another process listens there") == true)
                #expect(try client.get("/healthz").text == "ok\n")
            }
            #expect(!FileManager.default.fileExists(atPath: path))
            // What a killed agent left behind is replaced.
            let leftover = try TestAgent([], address: address)
            rename(path, path + ".kept")
            let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var target = sockaddr_un()
            target.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: path.utf8) }
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            let bound = withUnsafePointer(to: &target) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(stale, $0, size) }
            }
            #expect(bound == 0)
            close(stale)
            let replacing = try TestAgent([], address: address)
            let client = try RawClient(replacing.server.address)
            #expect(try client.get("/healthz").text == "ok\n")
            _ = leftover
        }

        @Test func anAddressThatCannotBeHadIsExplained() throws {
            let test = try TestAgent([])
            guard case .tcp(_, let port) = test.server.address else { return }
            func message(_ address: ListenAddress) -> String? {
                #expect(throws: ListenError.self) { _ = try TestAgent([], address: address) }?.description
            }
            #expect(
                message(test.server.address)
                    == "cannot listen on 127.0.0.1:\(port): another process listens there; allowed is any free "
                    + "[tcp://]host:port, :port, [IPv6]:port or unix:///path")
            #expect(
                message(.tcp(host: "no-such-host.invalid", port: 0))
                    == "cannot listen on no-such-host.invalid:0: this machine has no such address; allowed are its own, or "
                    + "none for all of them")
            #expect(
                message(.tcp(host: "192.0.2.1", port: 0))
                    == "cannot listen on 192.0.2.1:0: this machine has no such address; allowed are its own, or none for all "
                    + "of them")
            let directory = try TemporaryDirectory()
            try directory.write("precious", to: "file")
            #expect(
                message(.unix(path: directory.path + "/file"))
                    == "cannot listen on unix://\(directory.path)/file: the file there is no socket and is not "
                    + "replaced; allowed is a path where there is nothing or a socket nobody listens on")
            #expect(
                message(.unix(path: directory.path + "/file/agent.sock"))?.hasSuffix(": not a directory") == true)
        }

        @Test func stoppingLetsResponsesEnd() throws {
            let gate = Gate()
            let test = try TestAgent([
                FakeProbe.agent("slow") { _ in
                    gate.wait()
                    return []
                }
            ])
            let client = try RawClient(test.server.address)
            try client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { test.server.load.scrapes == 1 })
            let stopped = Monitor(false)
            let server = test.server
            let thread = try WorkerThread(name: "stopper") {
                server.stop()
                stopped.update { $0 = true }
            }
            #expect(eventually { (try? RawClient(server.address)) == nil })
            gate.open()
            #expect(try client.response().text.contains("skoop_probe_success"))
            thread.join()
            #expect(stopped.update { $0 })
        }
    }
#endif
