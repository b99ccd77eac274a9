// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopEvents
import SkoopModel
import SkoopProbes
import SkoopTesting
import SkoopYAML
import Synchronization
import Testing

@testable import SkoopAgent

@Suite struct AnalysisTests {
    private static let rule = Rule(
        "overflow", guides: [.http], symptom: "slow", cause: "the queue is full",
        when: Quantity.increase(Measure(TCPExtMetric.listenoverflows)) >= 2,
        supports: [Clue(Quantity.events(EventQuery(PacketlossEvent.packetLoss)) >= 1, "dropped")],
        advice: ["accept"])

    /// The counter of the pod, as a test sets it.
    private final class Counter: Sendable {
        let value = Mutex<UInt64>(5)

        var probe: AgentProbe {
            AgentProbe(definition: definition("tcpext")) { [self] (_) throws(ProbeError) in
                FakeProbe { [self] _ in
                    var family = Family(TCPExtMetric.listenoverflows.metric)
                    family.append(self.value.withLock { $0 }, for: 1)
                    return [family]
                }
            }
        }
    }

    private static func agent(_ counter: Counter, _ events: FakeEventSource, _ rules: [Rule]) throws -> Agent {
        var configuration = Configuration()
        configuration.node = "worker"
        configuration.metrics.deadline = .seconds(60)
        configuration.metrics.probes = [.init("tcpext")]
        configuration.event.probes = [.init("packetloss")]
        configuration.analysis.interval = .milliseconds(50)
        configuration.analysis.rules = rules
        return try Agent(configuration, probes: [counter.probe, events.agentProbe], census: FakeCensus.source())
    }

    /// The same rule as a file has it.
    private static func ruleOfFile() throws -> Rule {
        let directory = try TemporaryDirectory()
        try directory.write(
            """
            rules:
              - id: overflow
                guides: [http]
                symptom: slow
                cause: the queue is full
                when: {increase: kubeskoop_tcpext_listenoverflows, atLeast: 2}
                supports: [{when: {event: PacketLoss, where: {dport: 80}, atLeast: 1}, meaning: dropped}]
                advice: [accept]
            """, to: "rules.yaml")
        let path = directory.path + "/rules.yaml"
        let settings = try Configuration(yaml: "analysis: {builtIn: false, rules: [\(path)]}", file: "x").analysis
        return try #require(settings.rules.first)
    }

    @Test(arguments: [false, true]) func findsWhatHappensAndTellsEverybody(isOfFile: Bool) throws {
        let counter = Counter()
        let events = FakeEventSource()
        let agent = try Self.agent(counter, events, [isOfFile ? try Self.ruleOfFile() : Self.rule])
        defer { agent.stop() }
        #expect(eventually { agent.findings.map { $0.count >= 3 } ?? false })
        #expect(agent.findings?.open.isEmpty ?? false)
        #expect(agent.findings?.latest?.gaps.isEmpty ?? false)
        events.emit(port: 80, type: PacketlossEvent.packetLoss.type)
        #expect(eventually { agent.events?.stream.next == 2 })
        counter.value.withLock { $0 += 3 }
        #expect(eventually { agent.findings?.open.isEmpty == false })
        let finding = try #require(agent.findings?.open.first)
        #expect(finding.subject.name == "shop/web")
        #expect(finding.observations.first?.value == 3)
        #expect(agent.findings?.json.contains("\"overflow\"") ?? false)
        for metric in [AnalysisMetric.findings, .total] {
            // A collection that runs already may be from before.
            #expect(
                eventually {
                    let page = agent.collector.collect().snapshot
                    guard let family = page.families.first(where: { $0.metric == metric.metric }) else { return false }
                    return family.values == [1] && family.entities == [1] && family.labelValues == ["overflow"]
                })
        }
        let stream = try #require(agent.events?.stream)
        var cursor = EventCursor(stream, filter: EventFilter(types: ["Finding"]), from: 1)
        var found: [Event] = []
        #expect(
            eventually {
                for case .event(let event, _) in cursor.read() ?? [] { found.append(event) }
                return !found.isEmpty
            })
        #expect(found.first?.entity.podName == "web")
        #expect(found.first?[field: "case"] == .string("overflow"))
    }

    @Test func saysWhichProbesItLacks() throws {
        var configuration = Configuration()
        configuration.metrics.probes = []
        configuration.event.probes = []
        configuration.analysis.interval = .milliseconds(50)
        configuration.analysis.rules = [Self.rule]
        let agent = try Agent(configuration, probes: [Counter().probe], census: FakeCensus.source())
        defer { agent.stop() }
        #expect(eventually { agent.findings.map { $0.count >= 2 } ?? false })
        let open = try #require(agent.findings?.latest?.undecided.first)
        #expect(open.missing.map(\.state) == [.off])
    }

    @Test func canBeSwitchedOff() throws {
        var configuration = Configuration()
        configuration.analysis.isEnabled = false
        let agent = try Agent(configuration, probes: [], census: FakeCensus.source())
        defer { agent.stop() }
        #expect(agent.findings == nil)
    }

    @Test func settingsAreReadAndChecked() throws {
        let settings = try Configuration(
            yaml: "analysis: {enabled: false, interval: 30s, history: 20m, events: 100}", file: "x"
        ).analysis
        #expect(!settings.isEnabled && settings.interval == .seconds(30))
        #expect(settings.history == .seconds(1200) && settings.events == 100)
        #expect(throws: ConfigurationErrors.self) { try Configuration(yaml: "analysis: {interval: 0s}", file: "x") }
        #expect(throws: ConfigurationErrors.self) { try Configuration(yaml: "analysis: {every: 1s}", file: "x") }
    }

    @Test func rulesOfFilesJoinThoseOfTheLibrary() throws {
        let directory = try TemporaryDirectory()
        func write(_ id: String, _ more: String = "", to name: String) throws {
            try directory.write(
                """
                rules:
                  - id: \(id)
                    cause: b
                    when: {increase: kubeskoop_udp_noports, atLeast: 1}
                    advice: [c]
                    \(more)
                """, to: name)
        }
        func read(_ analysis: String) throws -> [Rule] {
            let text = "node: n\nanalysis:\n  " + analysis.replacing("DIR", with: directory.path)
            return try Configuration(yaml: text, file: "x").analysis.rules
        }
        func errors(_ analysis: String) -> [String] {
            do { _ = try read(analysis) } catch let error as ConfigurationErrors {
                return error.errors.map { $0.description.replacing(directory.path, with: "DIR") }
            } catch {}
            return []
        }
        try write("one", "explains: [two]", to: "1")
        try write("two", to: "2")
        try write("path-loss", to: "clash")
        try write("long", "window: 2h", to: "long")
        try directory.write("rules: [", to: "broken")
        #expect(try read("rules: [DIR/1, DIR/2]").map(\.id) == Rule.builtIn.map(\.id) + ["one", "two"])
        #expect(try read("rules: [DIR/1, DIR/2]\n  builtIn: false").map(\.id) == ["one", "two"])
        #expect(errors("rules: [DIR/1]") == ["DIR/1:6: rules[0].explains: unknown rule 'two'"])
        #expect(
            errors("rules: [DIR/clash]") == [
                "DIR/clash:2: rules[0]: rule 'path-loss' comes with the library; give this one another id"
            ])
        #expect(
            errors("rules: [DIR/long]") == [
                "x:3: analysis.rules: rule 'long' looks at 7200 s at once, and analysis.history is 3600 s"
            ])
        #expect(errors("rules: [DIR/broken]").first?.hasPrefix("DIR/broken:2: not YAML: ") ?? false)
        let unreadable = errors("interval: often\n  rules: [DIR/none]")
        #expect(unreadable.count == 2 && unreadable[0].hasPrefix("x:3: analysis.interval: "), "\(unreadable)")
        #expect(unreadable.last?.hasPrefix("x:4: analysis.rules: cannot be read, a readable file") ?? false)
    }
}
