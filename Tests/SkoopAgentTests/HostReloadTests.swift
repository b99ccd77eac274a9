// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import Foundation
    import SkoopEvents
    import SkoopIdentity
    import SkoopProbes
    import SkoopSystem
    import SkoopTesting
    import Testing

    @testable import SkoopAgent

    /// The agent as the program assembles it, with a ConfigMap as the kubelet mounts it, on this kernel.
    @Suite(.serialized, .requiresRoot) struct HostReloadTests {
        /// Mounts a version of the configuration over the one before it.
        func mount(_ number: Int, _ yaml: String, in directory: borrowing TemporaryDirectory) throws {
            try directory.write("node: bench\n" + yaml, to: "..v\(number)/config.yaml")
            try directory.link("..data_tmp", to: "..v\(number)")
            guard rename(directory.path + "/..data_tmp", directory.path + "/..data") == 0 else {
                throw SystemError(lastOf: "rename")
            }
            if number > 0 { try FileManager.default.removeItem(atPath: directory.path + "/..v\(number - 1)") }
        }

        @Test func aConfigMapIsAppliedAgainAndAgain() throws {
            let directory = try TemporaryDirectory()
            let namespace = try TestNamespace()
            func yaml(_ probes: String, debug: Bool = false) -> String {
                """
                debugMode: \(debug)
                analysis: {enabled: false}
                metrics: {deadline: 60s, probes: [\(probes)]}
                event: {probes: [{name: packetloss}]}
                """
            }
            try mount(0, yaml("{name: packetloss}, {name: udp}"), in: directory)
            try directory.link("config.yaml", to: "..data/config.yaml")
            let path = directory.path + "/config.yaml"
            let loaded = try LoadedConfiguration(file: path)
            let settings = CensusSettings(mappings: loaded.mappings, additionalLabels: AdditionalLabels())
            let readers = SharedReaders()
            let resolver = EntityResolver(
                node: "bench", providers: [settings.provider] + EntityResolver.builtInProviders)
            let lines = Monitor([String]())
            let agent = try Agent(
                loaded.configuration, file: path, environment: ProbeEnvironment(readers: readers),
                census: .host(resolver, settings: settings) { HostInventoryReader(readers: readers) }
            ) { line in lines.update { $0.append(line) } }
            defer { agent.stop() }
            let server = try HTTPServer(agent, address: .tcp(host: "127.0.0.1", port: 0))
            defer { server.stop() }
            let socket = directory.path + "/agent.sock"
            let admin = try HTTPServer(agent, address: .unix(path: socket), endpoint: .admin)
            defer { admin.stop() }
            #expect(agent.collector.waitUntilPrepared(for: .seconds(60)))
            let reloader = try ConfigurationReloader(agent, file: path)
            defer { reloader.stop() }

            func page() throws -> String { try RawClient(server.address).get("/metrics").text }
            /// Loses packets in the namespace and counts them all.
            var sent: UInt64 = 0
            func lose() throws {
                try namespace.run("python3", "-c", HostEventTests.datagrams, "127.0.0.1", "4261", "5")
                sent += 5
            }
            func counted() throws -> UInt64 {
                try page().split(separator: "\n")
                    .filter {
                        $0.hasPrefix("skoop_packet_drops_total{") && $0.contains("NO_SOCKET")
                            && $0.contains("netns:\(namespace.name)")
                    }
                    .compactMap { UInt64($0.split(separator: " ").last ?? "") }.reduce(0, +)
            }
            try lose()
            #expect(try eventually { try counted() == sent })
            for number in 1...6 {
                let others = ["{name: tcp}", "{name: io}, {name: tcpretrans}", "{name: udp, source: procfs}"]
                let before = agent.status.reload.successes
                try mount(number, yaml("{name: packetloss}, " + others[number % 3]), in: directory)
                // Pages are answered all the time, and the counters go on.
                repeat { #expect(try counted() == sent) } while agent.status.reload.successes == before
                #expect(agent.status.reload.successes == before + 1)
                try lose()
                #expect(try eventually { try counted() == sent })
                #expect(agent.status.reload.change.probes.kept.contains("packetloss"))
            }
            // A bad one changes nothing.
            try mount(7, yaml("{name: packetlosss}"), in: directory)
            #expect(eventually { agent.status.reload.failures == 1 })
            #expect(try counted() == sent)
            #expect(HostAgent.value(#"skoop_config_last_reload_successful{k8s_node="bench"}"#, in: try page()) == 0)

            func debug(_ path: String) throws -> RawClient.Response {
                try RawClient(.unix(path: socket)).get(path)
            }
            #expect(try debug("/debug").status == 404)
            try mount(8, yaml("{name: packetloss}", debug: true), in: directory)
            #expect(try eventually { try debug("/debug").status == 200 })
            try lose()
            #expect(
                try eventually {
                    // Runs of the program are measured now.
                    let rows = try debug("/debug").text.split(separator: "\n").map { $0.split(separator: " ") }
                    return rows.contains { row in
                        row.first == "packetloss" && row.count >= 8 && UInt64(row[2]) ?? 0 > 0
                            && UInt64(row[3]) ?? 0 > 0 && row[7].contains("kfree_skb")
                    }
                })
            let config = try debug("/debug/config").text
            // What is shown is a configuration itself.
            #expect(try Configuration(yaml: config, file: "shown").metrics.probes.map(\.name) == ["packetloss"])
            #expect(lines.update { $0 }.contains { $0.hasPrefix("debug: admin: GET /debug") })
            try mount(9, yaml("{name: packetloss}"), in: directory)
            #expect(try eventually { try debug("/debug").status == 404 })
            #expect(try eventually { try counted() == sent })
        }
    }
#endif
