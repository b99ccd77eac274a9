// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import SkoopAnalysis
    import SkoopEvents
    import SkoopEvidence
    import SkoopModel
    import SkoopProbes
    import SkoopTesting
    import Synchronization
    import Testing

    @testable import SkoopAgent

    /// What a running agent has kept, asked for over its admin address.
    @Suite struct AgentSourceTests {
        private static let own = Rule(
            "own-overflow", guides: [.http], symptom: "slow", cause: "the queue is full",
            when: Quantity.increase(Measure(TCPExtMetric.listenoverflows)) >= 2, advice: ["accept"])
        private static let foreign = Rule(
            "foreign", guides: [], symptom: "", cause: "c",
            when: Quantity.increase(Measure(metrics: [RDMAMetric.metrics[0]])) >= 1, advice: ["a"])

        /// An agent that has seen overflows of a listen queue.
        private struct Served: ~Copyable {
            let agent: Agent
            let server: HTTPServer
            let directory: TemporaryDirectory
            var path: String { directory.path + "/admin.sock" }

            init(isEnabled: Bool = true) throws {
                let holder = Holder()
                var configuration = Configuration()
                configuration.node = "worker"
                configuration.metrics.deadline = .seconds(60)
                configuration.metrics.probes = [.init("tcpext")]
                configuration.event.probes = [.init("packetloss")]
                configuration.analysis.interval = .milliseconds(50)
                configuration.analysis.isEnabled = isEnabled
                configuration.analysis.rules = Rule.builtIn + [AgentSourceTests.own]
                let events = FakeEventSource()
                let probe = AgentProbe(definition: definition("tcpext")) { (_) throws(ProbeError) in
                    FakeProbe { _ in
                        var family = Family(TCPExtMetric.listenoverflows.metric)
                        family.append(holder.value.withLock { $0 }, for: 1)
                        return [family]
                    }
                }
                let agent = try Agent(configuration, probes: [probe, events.agentProbe], census: FakeCensus.source())
                let directory = try TemporaryDirectory()
                let server = try HTTPServer(
                    agent, address: .unix(path: directory.path + "/admin.sock"), endpoint: .admin)
                self.agent = agent
                self.server = server
                self.directory = directory
                guard isEnabled else { return }
                #expect(eventually { (agent.findings?.count ?? 0) >= 2 })
                events.emit(port: 80, type: PacketlossEvent.packetLoss.type)
                holder.value.withLock { $0 += 3 }
                #expect(eventually { agent.findings?.open.contains { $0.rule.id == "own-overflow" } ?? false })
                #expect(eventually { agent.events?.stream.next ?? 0 >= 2 })
            }

            deinit {
                server.stop()
                agent.stop()
            }
        }

        private final class Holder: Sendable {
            let value = Mutex<UInt64>(5)
        }

        @Test func whatItHasKeptIsJudgedHere() throws {
            let served = try Served()
            let source = try Remotes().agent("unix://" + served.path, rules: Rule.builtIn)
            var investigation = Investigation([source])
            try investigation.run()
            let analysis = investigation.analysis
            let finding = try #require(analysis.findings.first { $0.rule.id == "listen-overflow" })
            #expect(finding.subject.name == "shop/web" && finding.subject.node == "worker")
            #expect(finding.observations.first?.value == 3)
            #expect(analysis.snapshots > 2 && analysis.events == 1)
            // What the agent has found by a rule that is not known here is not kept back.
            #expect(analysis.gaps.count == 1, "\(analysis.gaps)")
            #expect(analysis.gaps.first?.contains("has found own-overflow of shop/web by a rule of its own") ?? false)
        }

        @Test func ownRulesJudgeIt() throws {
            let served = try Served()
            let rules = [Self.own, Self.foreign]
            var investigation = Investigation(
                [try Remotes().agent("unix://" + served.path, rules: Rule.builtIn + rules)], rules: rules)
            try investigation.run()
            #expect(investigation.analysis.findings.map(\.rule.id) == ["own-overflow"])
            let name = RDMAMetric.metrics[0].name
            #expect(investigation.analysis.gaps.count == 1, "\(investigation.analysis.gaps)")
            #expect(
                investigation.analysis.gaps.first?.contains("the agent keeps nothing of \(name), since none") ?? false)
            // Of a time at which there was no agent there is nothing.
            investigation.range = 1_000_000_000...2_000_000_000
            let error = #expect(throws: EvidenceError.self) { try investigation.run() }
            #expect(error?.message.hasPrefix("there is no evidence of ") == true, "\(String(describing: error))")
        }

        @Test func anAgentThatCannotAnswerSaysWhy() throws {
            let served = try Served(isEnabled: false)
            func message(_ place: String) -> String? {
                do {
                    var investigation = Investigation([try Remotes().agent(place, rules: [])])
                    try investigation.run()
                    return nil
                } catch { return "\(error)" }
            }
            #expect(
                message("unix://" + served.path)?.contains(
                    "it answered 404: the agent does not look for causes; analysis.enabled") ?? false)
            #expect(message("unix:///nonexistent/sock")?.contains("no such file or directory") ?? false)
            #expect(message("nonsense")?.hasPrefix("--agent: allowed is here, a URL, ") ?? false)
            // The address of the metrics has no evidence.
            let metrics = try TestAgent([TestAgent.rows(1)])
            #expect(
                message("\(metrics.server.address)")?.contains(
                    "it answered 404: evidence is served on the address 'admin' of the configuration") ?? false)
        }
    }
#endif
