// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import Foundation
    import SkoopIdentity
    import SkoopProbes
    import SkoopSystem
    import SkoopTesting
    import Testing

    @testable import SkoopAgent

    /// The agent as the program assembles it, on this kernel, with namespaces of the test's own.
    @Suite(.serialized, .requiresRoot) struct HostAgentTests {
        func serve(
            _ yaml: String, mapping: String = "", _ body: (RawClient, Agent) throws -> Void
        ) throws {
            let configuration = try Configuration(yaml: "node: bench\n" + yaml, file: "test.yaml")
            let mappings = try StaticMappingProvider(try MappingFile.parse(mapping, file: "mapping.yaml"))
            let readers = SharedReaders()
            let resolver = EntityResolver(
                node: configuration.node, providers: [mappings] + EntityResolver.builtInProviders,
                additionalLabels: configuration.metrics.additionalLabels)
            let agent = try Agent(
                configuration, environment: ProbeEnvironment(readers: readers),
                census: .host(resolver) { HostInventoryReader(readers: readers) })
            defer { agent.stop() }
            let server = try HTTPServer(agent, address: .tcp(host: "127.0.0.1", port: 0))
            defer { server.stop() }
            #expect(agent.collector.waitUntilPrepared(for: .seconds(120)))
            try body(try RawClient(server.address), agent)
        }

        /// The value of a series, found by the beginning of its line up to the space.
        func value(_ series: String, in page: String) -> UInt64? {
            page.split(separator: "\n").first { $0.hasPrefix(series + " ") }
                .flatMap { UInt64($0.dropFirst(series.count + 1)) }
        }

        @Test func trafficInANamespaceIsServedUnderItsPod() throws {
            let namespace = try TestNamespace()
            let mapping = """
                pods:
                  - netns: \(namespace.name)
                    k8s_namespace: shop
                    k8s_pod: web-1
                    labels: {app: web}
                """
            try serve("metrics: {additionalLabels: ['app=${labels:app}'], deadline: 60s}", mapping: mapping) {
                client, agent in
                let labels = #"k8s_node="bench",k8s_namespace="shop",k8s_pod="web-1",app="web""#
                let series = "kubeskoop_udp_noports{\(labels)}"
                let before = try client.get("/metrics").text
                #expect(value(series, in: before) == 0)
                // Seven datagrams to a port nobody listens on.
                try namespace.run(
                    "python3", "-c",
                    "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                        + "for i in range(7): s.sendto(b'x', ('127.0.0.1', 9))")
                let after = try client.get("/metrics").text
                #expect(value(series, in: after) == 7)
                #expect(value("kubeskoop_udp_outdatagrams{\(labels)}", in: after) == 7)
                // The node's own row has no pod.
                let node = #"{k8s_node="bench",k8s_namespace="",k8s_pod="",app=""}"#
                #expect(value("kubeskoop_udp_indatagrams\(node)", in: after) != nil)
                for probe in agent.collector.probes where probe.error == nil {
                    #expect(value("skoop_probe_success{k8s_node=\"bench\",probe=\"\(probe.name)\"}", in: after) == 1)
                }
                // What is not there says so; nothing else may fail.
                for probe in agent.collector.probes {
                    #expect(probe.error == nil || probe.error?.reason == .missingSubsystem, "\(probe)")
                }
            }
        }

        @Test func theConfiguredSourceIsUsedAndAgrees() throws {
            let namespace = try TestNamespace()
            let series =
                "kubeskoop_tcp_activeopens{k8s_node=\"bench\",k8s_namespace=\"\",k8s_pod=\"netns:\(namespace.name)\"}"
            try namespace.run(
                "python3", "-c",
                "import socket; s = socket.create_server(('127.0.0.1', 0))\n"
                    + "c = [socket.create_connection(s.getsockname()) for i in range(3)]")
            for source in ["procfs", "one-pass"] {
                let yaml = "metrics: {deadline: 60s, probes: [{name: tcp, source: \(source)}]}"
                try serve(yaml) { client, agent in
                    let page = try client.get("/metrics").text
                    #expect(value(series, in: page) == 3)
                    #expect(agent.collector.probes.map { $0.source?.source.rawValue } == [source])
                }
            }
        }

        @Test func whatGoesAwayTakesItsSeriesWithIt() throws {
            try serve("metrics: {deadline: 60s, probes: [{name: udp}]}") { client, _ in
                let label: String
                do {
                    let namespace = try TestNamespace()
                    // With its end: other tests have namespaces whose names begin alike.
                    label = "k8s_pod=\"netns:\(namespace.name)\""
                    #expect(try client.get("/metrics").text.contains(label))
                }
                let page = try client.get("/metrics").text
                #expect(!page.contains(label))
            }
        }
    }
#endif
