// SPDX-License-Identifier: Apache-2.0
import SkoopAgent
import SkoopIdentity
import SkoopModel
import SkoopProbes

/// A definition without metric sets, for probes that only exist in tests.
func definition(
    _ name: String, aliases: [String] = [], metrics: [Metric] = [], sources: [Source] = [.procfs],
    arguments: [ProbeArgument] = []
) -> ProbeDefinition {
    var definition = ProbeDefinition(UDPMetric.self, sources: sources, arguments: arguments)
    definition.name = name
    definition.aliases = aliases
    definition.summary = "a probe of the tests"
    definition.metrics = metrics
    return definition
}

/// A probe whose behaviour is a closure.
struct FakeProbe: Probe {
    static let definition = SkoopAgentTests.definition("fake")
    var source = SourceChoice(.procfs)
    var run: @Sendable (Scrape) throws(ProbeError) -> [Family]

    init(_ environment: ProbeEnvironment) throws(ProbeError) { run = { _ in [] } }

    init(
        source: SourceChoice = SourceChoice(.procfs), _ run: @escaping @Sendable (Scrape) throws(ProbeError) -> [Family]
    ) {
        self.source = source
        self.run = run
    }

    mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] { try run(scrape) }

    /// A probe for an agent.
    static func agent(
        _ name: String, _ run: @escaping @Sendable (Scrape) throws(ProbeError) -> [Family]
    ) -> AgentProbe {
        AgentProbe(definition: SkoopAgentTests.definition(name)) { (_) throws(ProbeError) in FakeProbe(run) }
    }
}
