// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import Foundation
    import SkoopEvents
    import SkoopIdentity
    import SkoopModel
    import SkoopProbes
    import SkoopTesting
    import Testing

    @testable import SkoopAgent

    /// Events of this kernel on all ways out of an agent.
    @Suite(.serialized, .requiresRoot) struct HostEventTests {
        /// Sends so many datagrams from one socket to a port that nobody listens on.
        static let datagrams = """
            import socket, sys
            family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
            sender = socket.socket(family, socket.SOCK_DGRAM)
            sender.bind((sys.argv[1], 0))
            for number in range(int(sys.argv[3])): sender.sendto(b'x', (sys.argv[1], int(sys.argv[2])))
            """

        func serve(
            _ yaml: String, mapping: String = "", _ body: (Agent, _ socket: String, _ directory: String) throws -> Void
        ) throws {
            let directory = try TemporaryDirectory()
            let configuration = try Configuration(
                yaml: "node: bench\nmetrics: {deadline: 20s, probes: []}\n"
                    + yaml.replacingOccurrences(of: "DIRECTORY", with: directory.path), file: "test.yaml")
            let mappings = try StaticMappingProvider(try MappingFile.parse(mapping, file: "mapping.yaml"))
            let readers = SharedReaders()
            let resolver = EntityResolver(
                node: configuration.node, providers: [mappings] + EntityResolver.builtInProviders)
            let agent = try Agent(
                configuration, environment: ProbeEnvironment(readers: readers),
                census: .host(resolver) { HostInventoryReader(readers: readers) })
            defer { agent.stop() }
            let socket = directory.path + "/agent.sock"
            let admin = try HTTPServer(agent, address: .unix(path: socket), endpoint: .admin)
            defer { admin.stop() }
            #expect(agent.collector.waitUntilPrepared(for: .seconds(30)))
            try body(agent, socket, directory.path)
        }

        /// How many datagrams to a port the events in a file tell of, by the pod they happened to.
        func lost(to port: Int, in file: String) throws -> [String: Int] {
            let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            return try text.split(separator: "\n").reduce(into: [:]) { sum, line in
                let event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                let tuple = event["tuple"] as? [String: Any]
                let end = tuple?["destination"] as? [String: Any]
                guard end?["port"] as? Int == port, tuple?["protocol"] as? String == "UDP" else { return }
                let entity = try #require(event["entity"] as? [String: Any])
                sum[entity["k8s_pod"] as? String ?? "?", default: 0] += event["count"] as? Int ?? 0
            }
        }

        @Test(arguments: ["127.0.0.1", "::1"]) func lostPacketsAreReportedUnderTheirPod(address: String) throws {
            let namespace = try TestNamespace()
            let mapping = """
                pods:
                  - netns: \(namespace.name)
                    k8s_namespace: shop
                    k8s_pod: web-1
                """
            let yaml = """
                event:
                  probes: [{name: packetloss}]
                  sinks: [{name: file, args: {path: DIRECTORY/events.json}}]
                limits: {eventWindow: 200ms}
                """
            try serve(yaml, mapping: mapping) { agent, socket, directory in
                let follower = try Follower(
                    "follow_events.py", [socket, "0", "/events?type=PacketLoss&pod=shop/web-1", "1"])
                let text = try RawClient(.unix(path: socket))
                try text.send("GET /events?format=text&pod=shop/web-1 HTTP/1.0\r\n\r\n")
                #expect(try text.response(hasBody: false).status == 200)
                // The follower connects by itself; until then there is nothing to miss.
                #expect(
                    eventually {
                        _ = try? namespace.run("python3", "-c", Self.datagrams, address, "4241", "1")
                        return !follower.lines.isEmpty
                    })
                #expect(follower.lines.first?.hasSuffix(" PacketLoss web-1") == true, "\(follower.lines)")
                try namespace.run("python3", "-c", Self.datagrams, address, "4251", "7")
                let file = directory + "/events.json"
                #expect(eventually { (try? lost(to: 4251, in: file)["web-1"]) == 7 })
                #expect(try lost(to: 4251, in: file) == ["web-1": 7])
                #expect(try text.more().contains("PacketLoss"))
                let probe = try #require(agent.collector.probes.first { $0.name == "packetloss" })
                #expect(probe.source?.hooks.isEmpty == false && probe.error == nil)
            }
        }

        @Test func aNamespaceMadeLaterIsNamed() throws {
            let yaml = """
                event:
                  probes: [{name: packetloss}]
                  sinks: [{name: file, args: {path: DIRECTORY/events.json}}]
                """
            try serve(yaml) { _, _, directory in
                let namespace = try TestNamespace()
                let file = directory + "/events.json"
                // Its number may just have been another's, of which nothing is said for a moment.
                #expect(
                    try eventually {
                        try namespace.run("python3", "-c", Self.datagrams, "::1", "4276", "1")
                        return try lost(to: 4276, in: file)["netns:\(namespace.name)"] != nil
                    })
                try namespace.run("python3", "-c", Self.datagrams, "::1", "4277", "3")
                #expect(eventually { (try? lost(to: 4277, in: file).values.reduce(0, +)) == 3 })
                #expect(try lost(to: 4277, in: file) == ["netns:\(namespace.name)": 3])
            }
        }

        /// The library's client, which the command-line tool uses.
        @Test func theClientFollows() throws {
            let namespace = try TestNamespace()
            try serve("event: {probes: [{name: packetloss}]}") { _, socket, _ in
                try namespace.run("python3", "-c", Self.datagrams, "127.0.0.1", "4244", "1")
                var filter = EventFilter(types: ["packetloss"])
                filter.namespaces = [NamespaceID(rawValue: namespace.inode)]
                filter.pods = [.init("netns:" + namespace.name)]
                filter.since = 1
                struct Enough: Error {}
                var text = ""
                let client = try AdminClient(.unix(path: socket))
                #expect(throws: Enough.self) {
                    try client.followEvents(filter, as: .text(isColoured: true)) { bytes in
                        text += String(decoding: bytes, as: UTF8.self)
                        if text.contains("4244") { throw Enough() }
                    }
                }
                #expect(text.contains("\u{1b}[31mPacketLoss\u{1b}[0m") && text.contains("netns:" + namespace.name))
                let other = try AdminClient(.unix(path: socket))
                let refusal = #expect(throws: AdminClient.Refusal.self) {
                    try other.followEvents(EventFilter(types: ["nothing"]), as: .json) { _ in }
                }
                #expect(refusal?.status == 400 && refusal?.description.hasPrefix("type: unknown event") == true)
            }
        }
    }
#endif
