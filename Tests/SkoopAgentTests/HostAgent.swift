// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import SkoopIdentity
    import SkoopProbes

    @testable import SkoopAgent

    /// The agent as the program assembles it, on this kernel, and a client of it.
    struct HostAgent: ~Copyable {
        let agent: Agent
        let client: RawClient
        private let server: HTTPServer

        /// - Parameters:
        ///   - yaml: the configuration, without the node's name.
        ///   - mapping: the mapping file's content.
        ///   - providers: who names entities after the mapping.
        ///   - host: where the host's file systems are.
        init(
            _ yaml: String, mapping: String = "",
            providers: [any EntityProvider] = EntityResolver.builtInProviders,
            host: ProbeEnvironment.HostPaths = .init()
        ) throws {
            let configuration = try Configuration(yaml: "node: bench\n" + yaml, file: "test.yaml")
            let mappings = try StaticMappingProvider(try MappingFile.parse(mapping, file: "mapping.yaml"))
            let readers = SharedReaders()
            let resolver = EntityResolver(
                node: configuration.node, providers: [mappings] + providers,
                additionalLabels: configuration.metrics.additionalLabels)
            let agent = try Agent(
                configuration, environment: ProbeEnvironment(host: host, readers: readers),
                census: .host(resolver) { HostInventoryReader(host: host, readers: readers) })
            let server = try HTTPServer(agent, address: .tcp(host: "127.0.0.1", port: 0))
            agent.collector.waitUntilPrepared(for: .seconds(120))
            client = try RawClient(server.address)
            self.agent = agent
            self.server = server
        }

        /// The page of metrics.
        func page() throws -> String { try client.get("/metrics").text }

        /// The value of a series, found by the beginning of its line up to the space.
        static func value(_ series: String, in page: String) -> UInt64? {
            page.split(separator: "\n").first { $0.hasPrefix(series + " ") }
                .flatMap { UInt64($0.dropFirst(series.count + 1)) }
        }

        /// The value of a series that has a pod's name and no further labels.
        static func value(_ metric: String, pod: String, in page: String) -> UInt64? {
            value("\(metric){k8s_node=\"bench\",k8s_namespace=\"\",k8s_pod=\"\(pod)\"}", in: page)
        }

        /// Whether the probe succeeded, as the page says.
        static func success(_ probe: String, in page: String) -> UInt64? {
            value("skoop_probe_success{k8s_node=\"bench\",probe=\"\(probe)\"}", in: page)
        }

        deinit {
            server.stop()
            agent.stop()
        }
    }
#endif
