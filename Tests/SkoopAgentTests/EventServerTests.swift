// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import Foundation
    import SkoopEvents
    import SkoopModel
    import SkoopProbes
    import SkoopTesting
    import Testing

    @testable import SkoopAgent

    @Suite struct EventServerTests {
        /// An agent whose one event probe reports what a test tells it, and its admin endpoint.
        struct Served: ~Copyable {
            let source: FakeEventSource
            let agent: Agent
            let server: HTTPServer

            init(heartbeat: Duration = .seconds(600), change: (inout Configuration) -> Void = { _ in }) throws {
                var configuration = Configuration()
                configuration.node = "worker"
                configuration.metrics.probes = []
                configuration.event.probes = [.init("packetloss")]
                configuration.limits.events.foldWindow = .zero
                configuration.limits.events.rate = 0
                change(&configuration)
                let source = FakeEventSource()
                let agent = try Agent(configuration, probes: [source.agentProbe], census: FakeCensus.source())
                #expect(agent.collector.waitUntilPrepared(for: .seconds(20)))
                var timeouts = HTTPServer.Timeouts()
                timeouts.heartbeat = heartbeat
                server = try HTTPServer(
                    agent, address: .tcp(host: "127.0.0.1", port: 0), endpoint: .admin, timeouts: timeouts)
                self.source = source
                self.agent = agent
            }

            deinit {
                server.stop()
                agent.stop()
            }

            /// Reports events and returns when they can be read.
            borrowing func report(_ ports: ClosedRange<UInt16>, type: EventType = PacketlossEvent.packetLoss.type) {
                let next = (agent.events?.stream.next ?? 0) + UInt64(ports.count)
                for port in ports { source.emit(port: port, type: type) }
                let agent = agent
                #expect(eventually { agent.events?.stream.next == next })
            }

            borrowing func client(receiveBuffer: Int32? = nil) throws -> RawClient {
                try RawClient(server.address, receiveBuffer: receiveBuffer)
            }
        }

        /// The source ports of the events in lines of JSON.
        func ports(_ text: String) throws -> [Int] {
            try text.split(separator: "\n").map { line in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                let source = (object?["tuple"] as? [String: Any])?["source"] as? [String: Any]
                return source?["port"] as? Int ?? -1
            }
        }

        @Test func whatHasHappenedIsServedAndFiltered() throws {
            let served = try Served()
            served.report(1...5)
            let client = try served.client()
            let all = try client.get("/events?follow=false")
            #expect(all.status == 200 && all.headers["content-type"] == "application/x-ndjson")
            #expect(try ports(all.text) == [1, 2, 3, 4, 5])
            #expect(all.text.contains(#""k8s_namespace":"shop","k8s_pod":"web""#))
            let cases: [(String, Int)] = [
                ("type=PacketLoss", 5), ("type=packetloss", 5), ("type=SOFTIRQ_SCHED_SLOW", 0), ("pod=shop/web", 5),
                ("pod=web", 5), ("pod=shop%2Fdb", 0), ("pod=shop/db,web", 5), ("netns=2", 5), ("netns=1", 0),
                ("since=60m", 5), ("since=\(UInt64.max)", 0), ("since=1700000000", 5), ("type=packetloss&netns=3", 0),
            ]
            for (query, count) in cases {
                #expect(try ports(client.get("/events?follow=false&" + query).text).count == count, "\(query)")
            }
            let text = try client.get("/events?follow=false&format=text")
            #expect(text.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(text.text.contains("PacketLoss") && text.text.contains("shop/web"))
            #expect(try !client.get("/events?follow=false&format=text").text.contains("\u{1b}"))
            #expect(
                try client.get("/events?follow=false&format=text&colour=true").text.contains("\u{1b}[31mPacketLoss"))
            let sse = try client.get("/events?follow=false", ["Accept: text/event-stream"])
            #expect(sse.headers["content-type"] == "text/event-stream; charset=utf-8")
            #expect(sse.text.components(separatedBy: "\n\n").count == 6)
            #expect(try client.request("HEAD", "/events").status == 200)
            #expect(try client.get("/healthz").text == "ok\n")
            #expect(try client.get("/").text.contains("/events"))
        }

        @Test func whatIsNotUnderstoodIsSaid() throws {
            let served = try Served()
            let client = try served.client()
            for (query, message) in [
                ("type=PacketLos", "type: unknown event 'PacketLos', did you mean 'PacketLoss'? allowed are "),
                ("netns=blue", "netns: 'blue' is no inode number of a namespace\n"),
                ("since=yesterday", "since: 'yesterday' is neither a duration such as 90s or 5m nor a time in "),
                ("follow=maybe", "follow: 'maybe' is neither true nor false\n"),
                ("format=xml", "format: 'xml' is not one of sse, json, text\n"),
                ("types=a", "unknown parameter 'types', did you mean 'type'? allowed are type, pod, netns, since, "),
            ] {
                let response = try client.get("/events?" + query)
                #expect(response.status == 400 && response.text.hasPrefix(message), "\(response.text)")
            }
            #expect(try client.get("/nothing").status == 404)
            #expect(try client.get("/metrics").text.contains("\nskoop_build_info{"))
            #expect(try client.request("POST", "/events", ["Content-Length: 0"]).status == 405)
        }

        @Test func theMetricsPortServesNoEvents() throws {
            let test = try TestAgent([TestAgent.rows(1)])
            let client = try RawClient(test.server.address)
            let response = try client.get("/events")
            #expect(response.status == 404)
            #expect(
                response.text
                    == "events are served on the address 'admin' of the configuration, now unix:///run/skoop/agent.sock\n"
            )
            let admin = try HTTPServer(test.agent, address: .tcp(host: "127.0.0.1", port: 0), endpoint: .admin)
            defer { admin.stop() }
            #expect(try RawClient(admin.address).get("/events").text.hasPrefix("no probe reports events; "))
        }

        @Test func anAdminSocketIsForItsOwner() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/sub/agent.sock"
            let test = try TestAgent([TestAgent.rows(1)])
            let admin = try HTTPServer(test.agent, address: .unix(path: path), endpoint: .admin)
            defer { admin.stop() }
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o660)
            #expect(try RawClient(admin.address).get("/healthz").status == 200)
        }

        /// A client that is not ours, on the wire and in parsing: python's http.client and sseclient.
        @Test func othersUnderstandTheStream() throws {
            let served = try Served(heartbeat: .milliseconds(20))
            served.report(1...3)
            guard case .tcp(_, let port) = served.server.address else { return }
            let watcher = try Follower("follow_events.py", ["127.0.0.1", "\(port)", "/events?since=5m", "6"])
            #expect(eventually { watcher.lines.count == 3 })
            served.report(4...6)
            try #require(eventually { watcher.lines.count == 6 })
            #expect(watcher.lines.map { $0.components(separatedBy: " ")[1] } == ["1", "2", "3", "4", "5", "6"])
            let last = watcher.lines[2].components(separatedBy: " ")[0]
            // A client that comes back goes on where it was.
            let again = try Follower(
                "follow_events.py", ["127.0.0.1", "\(port)", "/events", "3", last])
            #expect(eventually { again.lines.count == 3 })
            #expect(again.lines.map { $0.components(separatedBy: " ")[1] } == ["4", "5", "6"])
            // One that was with another run gets what there is.
            let stranger = try Follower("follow_events.py", ["127.0.0.1", "\(port)", "/events", "6", "zzz-2"])
            #expect(eventually { stranger.lines.count == 6 })
        }

        @Test func aSlowClientMissesSomeAndIsTold() throws {
            let served = try Served { $0.limits.events.history = 1000 }
            let slow = try served.client(receiveBuffer: 4096)
            try slow.send("GET /events HTTP/1.0\r\n\r\n")
            let quick = try served.client()
            try quick.send("GET /events HTTP/1.0\r\n\r\n")
            #expect(try slow.response(hasBody: false).status == 200)
            #expect(try quick.response(hasBody: false).status == 200)
            var lines = 0
            // More than all buffers between the two hold.
            var sent = 0
            for _ in 0..<40 {
                served.report(1...500)
                sent += 500
                while lines < sent {
                    let text = try quick.more()
                    lines += text.utf8.count { $0 == UInt8(ascii: "\n") }
                    #expect(!text.contains("missed"))
                }
            }
            var late = ""
            var missed = 0
            var seen = 0
            while missed + seen < sent {
                late += try slow.more()
                let lines = late.split(separator: "\n", omittingEmptySubsequences: false)
                late = String(lines.last ?? "")
                for line in lines.dropLast() {
                    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                    if let count = object?["missed"] as? Int { missed += count } else { seen += 1 }
                }
            }
            #expect(missed > 0 && seen > 0 && missed + seen == sent, "\(missed) missed, \(seen) seen")
        }

        @Test func theEndOfTheAgentEndsTheStream() throws {
            let served = try Served()
            let client = try served.client()
            try client.send("GET /events HTTP/1.0\r\n\r\n")
            #expect(try client.response(hasBody: false).status == 200)
            served.report(1...1)
            served.agent.stop()
            #expect(try client.more().contains("PacketLoss"))
            #expect(client.isClosed())
        }

        @Test func theStatusAndTheMetricsTellOfEvents() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/events.json"
            let served = try Served {
                $0.event.sinks = [
                    .init("file", arguments: ["path": .string(path)]),
                    .init("file", arguments: ["path": .string(directory.path)]),
                ]
                $0.metrics.probes = []
            }
            served.report(1...7)
            let agent = served.agent
            #expect(eventually { agent.events?.sinkStatuses.first?.delivered == 7 })
            #expect(eventually { agent.events?.sinkStatuses.last?.state == .retrying })
            #expect(try ports(String(contentsOfFile: path, encoding: .utf8)) == Array(1...7))
            let response = try served.client().get("/status")
            let status = try #require(try JSONSerialization.jsonObject(with: response.body) as? [String: Any])
            let inUse = try #require(status["inuse_probes"] as? [String: [[String: String]]])
            #expect(inUse == ["metrics": [], "event": [["name": "packetloss", "state": "Running"]]])
            #expect((status["available_probes"] as? [String: [String]])?["event"] == ["packetloss"])
            let probe = try #require((status["probes"] as? [[String: Any]])?.first)
            #expect(probe["hooks"] as? [String] == ["tp_btf/nothing"])
            let events = try #require(status["events"] as? [String: [[String: Any]]])
            let counts = try #require(events["probes"]?.first)
            #expect(counts["name"] as? String == "packetloss" && counts["emitted"] as? Int == 7)
            #expect(counts["reported"] as? Int == 7 && counts["pending"] as? Int == 0)
            let sinks = try #require(events["sinks"])
            #expect(sinks.map { $0["name"] as? String } == ["file", "file-2"])
            #expect(sinks.map { $0["state"] as? String } == ["Running", "Retrying"])
            #expect(sinks[0]["target"] as? String == path && sinks[0]["error"] is NSNull)
            #expect((sinks[1]["error"] as? [String: String])?["reason"] == "unwritable")
            let tally = try #require((sinks[1]["probes"] as? [[String: Any]])?.first)
            #expect(tally["name"] as? String == "packetloss" && tally["queued"] as? Int == 7)
            #expect((sinks[1]["failures"] as? [String: Int])?["unwritable"] ?? 0 > 0)
            let families = agent.collector.collect().snapshot.families
            func value(_ metric: SelfEventMetric, _ labels: String...) -> UInt64? {
                families.first { $0.metric.name == metric.rawValue }.flatMap { family in
                    (0..<family.count).first { Array(family.labels(of: $0)) == labels }.map { family.values[$0] }
                }
            }
            #expect(value(.emitted, "packetloss") == 7 && value(.reported, "packetloss") == 7)
            #expect(value(.delivered, "file", "packetloss") == 7 && value(.delivered, "file-2", "packetloss") == 0)
            #expect(value(.queued, "file-2", "packetloss") == 7 && value(.queued, "file", "packetloss") == 0)
            #expect(value(.sinkFailures, "file-2", "unwritable") ?? 0 > 0)
            #expect(value(.sinkUp, "file") == 1 && value(.sinkUp, "file-2") == 0)
            // A probe that is only asked for its events exports none of its metrics.
            #expect(!families.contains { $0.metric.probe == "packetloss" })
        }

        @Test func theProbeOfBothListsRunsOnce() throws {
            let served = try Served { $0.metrics.probes = [.init("packetloss", arguments: ["a": .bool(true)])] }
            #expect(served.source.environments.map(\.arguments) == [["a": .bool(true)]])
            #expect(served.agent.collector.probes.map(\.purpose) == [[.metrics, .events]])
            #expect(served.agent.collector.collect().snapshot.families.contains { $0.metric.probe == "packetloss" })
            let without = try Served { $0.event.probes = [] }
            #expect(without.agent.events == nil && without.source.environments.isEmpty)
            let metricsOnly = try Served {
                $0.event.probes = []
                $0.metrics.probes = [.init("packetloss")]
            }
            #expect(
                metricsOnly.agent.events == nil && metricsOnly.source.environments.map { $0.events == nil } == [true])
        }

        @Test func eventProbesAreAttendedWithoutAnybodyAsking() throws {
            let served = try Served()
            let source = served.source
            #expect(source.collections == 0)
            #expect(eventually { source.collections > 0 })
        }
    }
#endif
