// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import Foundation
    import SkoopEvents
    import SkoopIdentity
    import SkoopModel
    import SkoopProbes
    import SkoopSystem
    import SkoopAnalysis
    import SkoopTesting
    import SkoopYAML
    import Synchronization
    import Testing

    @testable import SkoopAgent

    /// A running agent with a file that a test writes, and probes that count how often they were asked.
    @Suite struct ReloadTests {
        /// A probe whose only counter begins at its preparation; every preparation has a number.
        final class Counting: Sendable {
            struct State {
                var prepared: [[String: ArgumentValue]] = []
                var ended = 0
                /// Whether two were there at once.
                var hasOverlapped = false
            }

            private final class Life: Sendable {
                let owner: Counting
                init(_ owner: Counting) { self.owner = owner }
                deinit { owner.state.withLock { $0.ended += 1 } }
            }

            let name: String
            let state = Mutex(State())
            let gate = Gate()

            init(_ name: String, isOpen: Bool = true) {
                self.name = name
                if isOpen { gate.open() }
            }

            var probe: AgentProbe {
                let argument = ProbeArgument("depth", .integer(1...9), help: "of a test")
                var definition = SkoopAgentTests.definition(name, arguments: [argument])
                definition.events = PacketlossEvent.types
                return AgentProbe(definition: definition) { [self] (environment) throws(ProbeError) in
                    gate.wait()
                    let number = state.withLock { state in
                        if state.prepared.count > state.ended { state.hasOverlapped = true }
                        state.prepared.append(environment.arguments)
                        return UInt64(state.prepared.count)
                    }
                    let life = Life(self)
                    let count = Atomic<UInt64>(number * 1000)
                    return Probing(life: life) { [name] in
                        var family = Family(
                            Metric(
                                name: "skoop_test_\(name)_total", probe: name, kind: .counter, help: "of a test",
                                labels: .plain(), source: "none"))
                        family.append(count.add(1, ordering: .relaxed).newValue)
                        return [family]
                    }
                }
            }
        }

        struct Probing: Probe {
            static let definition = SkoopAgentTests.definition("probing")
            let source = SourceChoice(.procfs)
            var life: (any Sendable)?
            var run: @Sendable () -> [Family] = { [] }

            init(_ environment: ProbeEnvironment) throws(ProbeError) {}
            init(life: any Sendable, _ run: @escaping @Sendable () -> [Family]) {
                self.life = life
                self.run = run
            }

            mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] { run() }
        }

        /// An agent, its file and its reloader.
        struct Running: ~Copyable {
            let directory: TemporaryDirectory
            let path: String
            let agent: Agent
            let reloader: ConfigurationReloader
            let server: HTTPServer
            let lines: Monitor<[String]>

            /// `FOLDER` in the text stands for the directory.
            init(_ yaml: String, _ probes: [AgentProbe]) throws {
                let directory = try TemporaryDirectory()
                let path = directory.path + "/agent.yaml"
                let yaml = yaml.replacingOccurrences(of: "FOLDER", with: directory.path)
                try directory.write(Self.whole(yaml), to: "agent.yaml")
                let known = KnownProbes(probes.map(\.definition))
                let loaded = try LoadedConfiguration(file: path, known: known, passesOverMissing: true)
                let labels = loaded.configuration.metrics.additionalLabels
                let settings = CensusSettings(mappings: loaded.mappings, additionalLabels: labels)
                let resolver = EntityResolver(
                    node: "worker", providers: [settings.provider], additionalLabels: labels)
                let lines = Monitor([String]())
                let agent = try Agent(
                    loaded.configuration, file: path, probes: probes,
                    census: .host(resolver, settings: settings) { FakeInventory() }
                ) { line in lines.update { $0.append(line) } }
                let server = try HTTPServer(agent, address: .tcp(host: "127.0.0.1", port: 0))
                reloader = try ConfigurationReloader(agent, file: path, known: known)
                self.server = server
                self.agent = agent
                self.lines = lines
                self.path = path
                self.directory = directory
            }

            /// The parts that are the same in every test.
            static func whole(_ yaml: String) -> String {
                "node: worker\nadmin: none\n" + yaml
            }

            /// Writes the file and waits until it was read, and the probes that it starts are ready.
            borrowing func write(_ yaml: String, isGood: Bool = true) throws {
                let before = agent.status.reload
                try directory.write(Self.whole(yaml), to: "agent.yaml")
                let agent = agent
                #expect(
                    eventually {
                        let now = agent.status.reload
                        return isGood ? now.successes > before.successes : now.failures > before.failures
                    })
                #expect(agent.collector.waitUntilPrepared(for: .seconds(120)))
            }

            borrowing func page() throws -> String { try RawClient(server.address).get("/metrics").text }

            func value(_ series: String, _ page: String) -> UInt64? { HostAgent.value(series, in: page) }

            deinit {
                reloader.stop()
                server.stop()
                agent.stop()
            }
        }

        struct FakeInventory: InventoryReader {
            mutating func read() throws(SystemError) -> HostInventory { FakeCensus.pair.inventory }
        }

        static let success = #"skoop_config_last_reload_successful{k8s_node="worker"}"#

        func probes(_ list: String) -> String { "metrics: {deadline: 60s, probes: [\(list)]}\nevent: {probes: []}\n" }

        @Test func probesComeGoAndStay() throws {
            let (a, b, c) = (Counting("a"), Counting("b"), Counting("c"))
            let running = try Running(probes("{name: a}, {name: b}"), [a.probe, b.probe, c.probe])
            var last = HostAgent.value("skoop_test_a_total", in: try running.page()) ?? 0
            for round in UInt64(1)...6 {
                let depth = "{name: b, args: {depth: \(round)}}"
                try running.write(probes(round % 2 == 0 ? "{name: a}, \(depth)" : "{name: c}, \(depth), {name: a}"))
                let page = try running.page()
                // The same that was there at the start goes on counting, the other is a new one.
                let count = HostAgent.value("skoop_test_a_total", in: page) ?? 0
                #expect(count > last && count < 2000)
                last = count
                #expect((HostAgent.value("skoop_test_b_total", in: page) ?? 0) / 1000 == round + 1)
                #expect((HostAgent.value("skoop_test_c_total", in: page) != nil) == (round % 2 == 1))
                #expect(HostAgent.value(Self.success, in: page) == 1)
                let change = running.agent.status.reload.change.probes
                #expect(change.kept == ["a"] && change.restarted == ["b"])
                #expect(change.started == (round % 2 == 1 ? ["c"] : []))
                #expect(change.stopped == (round % 2 == 0 ? ["c"] : []))
            }
            #expect(a.state.withLock { $0.prepared.count } == 1)
            #expect(b.state.withLock { $0.prepared.last } == ["depth": .integer(6)])
            // What is replaced is gone before the other begins.
            #expect(b.state.withLock { !$0.hasOverlapped && $0.ended == 6 })
            #expect(eventually { c.state.withLock { $0.ended == 3 } })
        }

        @Test func aBadFileChangesNothing() throws {
            let (a, b) = (Counting("a"), Counting("b"))
            let running = try Running(probes("{name: a}"), [a.probe, b.probe])
            let bad = [
                "metrics: {probes: [{name: a}, {name: nothing}]}", "metrics: [", "limits: {series: -1}\n" + probes(""),
                "metrics: {mapping: /nonexistent/file, probes: [{name: b}]}",
                "analysis: {rules: [/nonexistent/rules.yaml]}\n" + probes("{name: b}"),
            ]
            for yaml in bad {
                try running.write(yaml, isGood: false)
                let page = try running.page()
                #expect(HostAgent.value(Self.success, in: page) == 0)
                #expect(HostAgent.value("skoop_test_a_total", in: page) ?? 0 > 1000)
                #expect(running.agent.collector.probes.map(\.name) == ["a"])
                let status = running.agent.status.reload
                #expect(!status.isSuccessful && !status.errors.isEmpty && status.successTime < status.time)
            }
            let lines = running.lines.update { $0 }
            #expect(lines.contains { $0.contains("agent.yaml:3: metrics.probes[1].name: unknown probe 'nothing'") })
            #expect(
                lines.filter { $0.hasPrefix("configuration not used (") && $0.hasSuffix("in force") }.count
                    == bad.count)
            // Emptied it is no wish for the defaults.
            try "".write(toFile: running.path, atomically: false, encoding: .utf8)
            let agent = running.agent
            #expect(eventually { agent.status.reload.failures == UInt64(bad.count) + 1 })
            // The file goes, and comes back as it was.
            try FileManager.default.removeItem(atPath: running.path)
            #expect(eventually { agent.status.reload.failures == UInt64(bad.count) + 2 })
            try running.write(probes("{name: a}"))
            #expect(running.agent.status.reload.isSuccessful && running.agent.status.reload.errors.isEmpty)
            #expect(HostAgent.value(Self.success, in: try running.page()) == 1)
            #expect(a.state.withLock { $0.prepared.count } == 1)
        }

        /// While a new probe takes its time, pages come without it.
        @Test func aScrapeDoesNotWait() throws {
            let (a, slow) = (Counting("a"), Counting("slow", isOpen: false))
            let running = try Running(probes("{name: a}"), [a.probe, slow.probe])
            try running.directory.write(Running.whole(probes("{name: a}, {name: slow}")), to: "agent.yaml")
            let agent = running.agent
            #expect(eventually { agent.collector.probes.count == 2 })
            for number in UInt64(1)...3 {
                let start = MonotonicTime.now
                let page = try running.page()
                // The deadline is a minute.
                #expect(MonotonicTime.now.since(start) < .seconds(20))
                #expect(HostAgent.value("skoop_test_a_total", in: page) ?? 0 >= 1000 + number)
                #expect(!page.contains("skoop_test_slow_total"))
            }
            #expect(agent.collector.probes.map(\.state) == [.running, .starting])
            slow.gate.open()
            #expect(eventually { agent.collector.probes.map(\.state) == [.running, .running] })
            #expect(HostAgent.value("skoop_test_slow_total", in: try running.page()) ?? 0 > 1000)
            #expect(agent.collector.probes.allSatisfy { $0.error == nil })
        }

        @Test func labelsNamesAndLimitsFollow() throws {
            let rows = TestAgent.rows(5)
            let running = try Running(probes("{name: rows}"), [rows])
            #expect(try running.page().contains("k8s_pod=\"netns:"))
            try running.directory.write(
                "pods: [{netns: 2, k8s_namespace: shop, k8s_pod: web, labels: {app: w}}]", to: "pods.yaml")
            let more = "additionalLabels: ['app=${labels:app}'], mapping: \(running.directory.path)/pods.yaml"
            let yaml = probes("{name: rows}").replacingOccurrences(of: "deadline", with: more + ", deadline")
            try running.write(yaml + "limits: {seriesPerFamily: 3}")
            var page = try running.page()
            #expect(page.contains(#"k8s_pod="web",app="w",row="0""#))
            #expect(page.split(separator: "\n").filter { $0.hasPrefix("skoop_test_rows_total{") }.count == 3)
            // The mapping file alone.
            let before = running.agent.status.reload.successes
            try running.directory.write("pods: [{netns: 2, k8s_pod: db, labels: {app: d}}]", to: "pods.yaml")
            let agent = running.agent
            #expect(eventually { agent.status.reload.successes == before + 1 })
            page = try running.page()
            #expect(page.contains(#"k8s_pod="db",app="d",row="0""#) && !page.contains("web"))
            try running.directory.write("pods: [{netns: 2}, 7]", to: "pods.yaml")
            #expect(eventually { agent.status.reload.failures == 1 })
            #expect(try running.page().contains(#"k8s_pod="db",app="d",row="0""#))
        }

        @Test func addressesNeedARestartAndSaySo() throws {
            let a = Counting("a")
            let running = try Running(probes("{name: a}"), [a.probe])
            try running.write("address: ':1'\n" + probes("{name: a}"))
            #expect(running.agent.status.reload.change.needsRestart == ["address"])
            #expect(try running.page().contains("skoop_test_a_total"))
            #expect(try RawClient(running.server.address).get("/status").text.contains("needs a restart: address"))
            #expect(running.lines.update { $0 }.contains { $0.hasSuffix("): needs a restart: address") })
            try running.write(probes("{name: a}"))
            #expect(running.agent.status.reload.change.needsRestart.isEmpty)
        }

        @Test func eventsAnalysisAndSinksAreSwitched() throws {
            let source = FakeEventSource()
            let running = try Running(
                "metrics: {probes: []}\nevent: {probes: []}\nanalysis: {enabled: false}", [source.agentProbe])
            let agent = running.agent
            #expect(agent.events == nil && agent.findings == nil)
            let file = running.directory.path + "/events.json"
            let on = """
                metrics: {probes: []}
                event: {probes: [{name: packetloss}], sinks: [{name: file, args: {path: \(file)}}]}
                limits: {eventWindow: 0s}
                """
            try running.write(on)
            #expect(agent.findings != nil && agent.collector.probes.map(\.state) == [.running])
            source.emit(port: 1, type: PacketlossEvent.packetLoss.type)
            func lines() -> Int {
                ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").split(separator: "\n").count
            }
            #expect(eventually { lines() == 1 })
            try running.write("metrics: {probes: []}\nevent: {probes: []}\nanalysis: {enabled: false}")
            #expect(agent.findings == nil && agent.collector.probes.isEmpty)
            #expect(eventually { agent.events?.sinkStatuses.isEmpty == true })
            try running.write(on)
            source.emit(port: 2, type: PacketlossEvent.packetLoss.type)
            #expect(eventually { lines() == 2 })
        }

        @Test("what was missing is read when it is there, without a change of the configuration")
        func whatWasMissingIsFollowed() throws {
            let running = try Running(probes(""), [])
            let (agent, path) = (running.agent, running.directory.path)
            let rules = "analysis: {builtIn: false, rules: [\(path)/later/rules.yaml]}\n" + probes("")
            try running.write(rules, isGood: false)
            var before = agent.status.reload.successes
            try FileManager.default.createDirectory(atPath: path + "/later", withIntermediateDirectories: false)
            try running.directory.write(
                """
                rules:
                  - {id: mine, cause: c, advice: [a], when: {increase: kubeskoop_udp_noports, atLeast: 1}}
                """, to: "later/rules.yaml")
            #expect(eventually { agent.status.reload.successes > before })
            #expect(agent.configuration.analysis.rules.map(\.id) == ["mine"])
            try running.write("metrics: {mapping: \(path)/pods.yaml, probes: []}\nevent: {probes: []}\n", isGood: false)
            before = agent.status.reload.successes
            try running.directory.write("pods: []\n", to: "pods.yaml")
            #expect(eventually { agent.status.reload.successes > before })
            #expect(agent.configuration.metrics.mapping == path + "/pods.yaml")
        }

        @Test("an agent starts without what is missing, says so, and takes it when it is there")
        func startsWithoutWhatIsMissing() throws {
            let yaml = """
                metrics: {mapping: FOLDER/pods.yaml, probes: [{name: rows}], deadline: 60s}
                event: {probes: []}
                analysis: {builtIn: false, rules: [FOLDER/one.yaml, FOLDER/later/two.yaml]}
                """
            let rule = "rules: [{id: mine, cause: c, advice: [a], when: {increase: kubeskoop_udp_noports, atLeast: 1}}]"
            let running = try Running(yaml, [TestAgent.rows(1)])
            let (agent, path) = (running.agent, running.directory.path)
            var page = try running.page()
            #expect(HostAgent.value(Self.success, in: page) == 0 && page.contains("netns:"))
            #expect(agent.status.reload.errors.count == 3 && agent.status.reload.successes == 1)
            for name in ["pods.yaml", "one.yaml", "later/two.yaml"] {
                #expect(agent.status.reload.errors.contains { $0.contains("\(path)/\(name)") }, "\(name)")
            }
            #expect(agent.configuration.analysis.rules.isEmpty)
            running.reloader.reload("SIGHUP")
            #expect(eventually { agent.status.reload.reason == "SIGHUP" })
            #expect(!agent.status.reload.isSuccessful && agent.configuration.missing.count == 3)
            // Not all of it yet.
            try running.directory.write("pods: [{netns: 2, k8s_namespace: shop, k8s_pod: web}]", to: "pods.yaml")
            try running.directory.write(rule, to: "one.yaml")
            #expect(eventually { agent.status.reload.errors.count == 1 })
            #expect(!agent.status.reload.isSuccessful)
            try running.directory.write("rules: []", to: "later/two.yaml")
            #expect(eventually { agent.status.reload.isSuccessful && agent.status.reload.errors.isEmpty })
            page = try running.page()
            #expect(HostAgent.value(Self.success, in: page) == 1)
            #expect(page.contains(#"k8s_namespace="shop",k8s_pod="web""#))
            #expect(agent.configuration.analysis.rules.map(\.id) == ["mine"] && agent.configuration.missing.isEmpty)
        }

        @Test func whatIsWrongIsNoMissingFile() throws {
            let directory = try TemporaryDirectory()
            try directory.write("pods: 7", to: "pods.yaml")
            let texts = [
                "metrics: {mapping: \(directory.path)/pods.yaml}", "metrics: {mapping: \(directory.path)}",
                "analysis: {rules: [\(directory.path)/pods.yaml]}", "analysis: {rules: [\(directory.path)]}",
                "analysis: {rules: [/nonexistent/rules.yaml]}\nlimits: 7",
            ]
            for text in texts {
                try directory.write(text, to: "agent.yaml")
                #expect(throws: ConfigurationErrors.self, "\(text)") {
                    try LoadedConfiguration(file: directory.path + "/agent.yaml", passesOverMissing: true)
                }
            }
            // Who only asks is told of what is missing.
            try directory.write("analysis: {rules: [/nonexistent/rules.yaml]}", to: "agent.yaml")
            #expect(throws: ConfigurationErrors.self) {
                try LoadedConfiguration(file: directory.path + "/agent.yaml")
            }
        }

        @Test func toldToItReadsAgain() throws {
            let a = Counting("a")
            let running = try Running(probes("{name: a}"), [a.probe])
            let agent = running.agent
            for number in UInt64(2)...4 {
                running.reloader.reload("SIGHUP")
                #expect(eventually { agent.status.reload.successes >= number })
            }
            #expect(agent.status.reload.reason == "SIGHUP")
            #expect(a.state.withLock { $0.prepared.count } == 1)
            #expect(running.lines.update { $0 }.last == "configuration read again (SIGHUP): nothing is different")
        }
    }
#endif
