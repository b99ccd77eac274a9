// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import SkoopModel
public import SkoopProbes
public import SkoopSystem

/// An agent: the configured probes on their threads, and what is known of them.
public final class Agent: Sendable {
    /// What it was told to do; ``Configuration/node`` is set.
    public let configuration: Configuration
    /// The file the configuration came from; empty for the embedded defaults.
    public let file: String
    /// Takes the snapshots.
    public let collector: Collector
    private let available: [String]

    /// Starts the probes' threads.
    ///
    /// - Parameters:
    ///   - configuration: what to do.
    ///   - file: where the configuration came from.
    ///   - probes: what can run.
    ///   - environment: the host's file systems and the shared readers.
    ///   - census: finds out who is on the host.
    /// - Throws: when a thread cannot be made.
    public init(
        _ configuration: Configuration, file: String = "", probes: [AgentProbe] = AgentProbe.all,
        environment: ProbeEnvironment = ProbeEnvironment(), census: CensusSource
    ) throws(SystemError) {
        self.configuration = configuration
        self.file = file
        available = probes.map(\.definition.name)
        if !configuration.btf.isEmpty { KernelBTF.preferredPath = configuration.btf }
        collector = try Collector(configuration, probes: probes, environment: environment, census: census)
    }

    /// What is known of it now.
    public var status: AgentStatus {
        AgentStatus(
            node: configuration.node, file: file, probes: collector.probes, available: available,
            collector: collector.status, notices: configuration.notices)
    }

    /// Lets its threads end.
    public func stop() { collector.stop() }
}
