// SPDX-License-Identifier: Apache-2.0
#if Kubernetes
    import Foundation
    import SkoopAgent
    import SkoopExport
    import SkoopIdentity
    import SkoopKubernetes
    import SkoopProbes
    import SkoopSystem
    import SkoopTesting
    import Testing

    /// `runtime` of the configuration changes while the agent runs, with two real runtimes.
    @Suite(.serialized, .requiresRoot) struct RuntimeChangeTests {
        private static func yaml(_ runtime: String) -> String {
            """
            node: bench
            admin: none
            runtime: {\(runtime)}
            metrics: {deadline: 60s, probes: [{name: udp}]}
            event: {probes: []}
            analysis: {enabled: false}
            """
        }

        @Test func anotherRuntimeTakesOver() throws {
            let one = try NodeRuntime()
            let other = try NodeRuntime()
            _ = try one.run(NodeRuntime.Order("web"))
            _ = try other.run(NodeRuntime.Order("db"))
            let directory = try TemporaryDirectory()
            let file = directory.path + "/agent.yaml"
            try directory.write(Self.yaml("socket: \(one.socket)"), to: "agent.yaml")
            let loaded = try LoadedConfiguration(file: file)
            let source = RuntimePods(loaded.configuration.runtime)
            let settings = CensusSettings(mappings: loaded.mappings, additionalLabels: AdditionalLabels())
            let readers = SharedReaders()
            let resolver = EntityResolver(
                node: "bench", providers: [settings.provider, source.provider] + EntityResolver.builtInProviders)
            let agent = try Agent(
                loaded.configuration, file: file, environment: ProbeEnvironment(readers: readers),
                census: .host(resolver, settings: settings) { HostInventoryReader(readers: readers) },
                identity: [source])
            defer { agent.stop() }
            agent.collector.waitUntilPrepared(for: .seconds(120))
            let reloader = try ConfigurationReloader(agent, file: file)
            defer { reloader.stop() }
            func write(_ runtime: String) throws {
                let before = agent.status.reload.successes
                try directory.write(Self.yaml(runtime), to: "agent.yaml")
                #expect(eventually { agent.status.reload.successes > before })
                #expect(agent.status.reload.change.needsRestart.isEmpty)
            }
            func names(_ pod: String) -> Bool {
                agent.page.contains(
                    #"kubeskoop_udp_noports{k8s_node="bench",k8s_namespace="shop",k8s_pod="\#(pod)"}"#)
            }
            #expect(eventually { names("web") })
            #expect(!names("db"))

            // Nobody answers there yet; who is known stays known.
            let later = directory.path + "/later.sock"
            try write("socket: \(later)")
            #expect(agent.status.reload.change.lines == ["changed: runtime"])
            #expect(eventually { agent.status.identity.first?.failure?.message.hasPrefix(later) == true })
            #expect(names("web") && !names("db"))
            try directory.link("later.sock", to: other.socket)
            #expect(eventually { names("db") })
            #expect(agent.status.identity.first?.peer.hasSuffix(later) == true)
            #expect(names("web"))

            // Nobody is asked any more.
            try write("socket: none")
            #expect(agent.status.identity.isEmpty)
            #expect(eventually { !names("db") && !names("web") })
            #expect(!agent.page.contains("skoop_identity"))

            try write("socket: \(one.socket), interval: 1s")
            #expect(eventually { names("web") })
            #expect(!names("db") && agent.status.identity.first?.failure == nil)

            // Another interval is no other connection.
            let answers = source.status.answers
            try write("socket: \(one.socket), interval: 500ms")
            #expect(eventually { source.status.answers > answers + 2 })
            #expect(names("web") && source.status.peer.hasSuffix(one.socket))
        }
    }
#endif
