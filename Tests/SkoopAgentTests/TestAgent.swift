// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import SkoopModel
    import SkoopProbes

    @testable import SkoopAgent

    /// An agent with fake probes that listens on loopback.
    struct TestAgent: ~Copyable {
        let agent: Agent
        let server: HTTPServer

        init(
            _ probes: [AgentProbe], address: ListenAddress = .tcp(host: "127.0.0.1", port: 0),
            timeouts: HTTPServer.Timeouts = HTTPServer.Timeouts(), change: (inout Configuration) -> Void = { _ in }
        ) throws {
            var configuration = Configuration()
            configuration.node = "worker"
            configuration.metrics.deadline = .seconds(60)
            configuration.metrics.probes = probes.map { .init($0.definition.name) }
            change(&configuration)
            let agent = try Agent(configuration, probes: probes, census: FakeCensus.source())
            agent.collector.waitUntilPrepared(for: .seconds(120))
            server = try HTTPServer(agent, address: address, timeouts: timeouts)
            self.agent = agent
        }

        deinit {
            server.stop()
            agent.stop()
        }

        /// A probe with one family of so many rows.
        static func rows(_ count: Int, named name: String = "rows") -> AgentProbe {
            FakeProbe.agent(name) { _ in
                let metric = Metric(
                    name: "skoop_test_\(name)_total", probe: name, kind: .counter, help: "rows of a test",
                    labels: .entity(extra: ["row"]), source: "none")
                var family = Family(metric)
                for row in 0..<count { family.append(UInt64(row), for: 1, labels: ["\(row)"]) }
                return [family]
            }
        }
    }
#endif
