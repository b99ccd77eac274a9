// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopBPF
public import SkoopEvents
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
    /// Brings events to the sinks and to those who watch; `nil` where no probe that runs reports any.
    public let events: EventPipeline?
    private let available: [ProbeDefinition]
    private let analysis: AnalysisRunner?

    /// Starts the probes' threads.
    ///
    /// - Parameters:
    ///   - configuration: what to do.
    ///   - file: where the configuration came from.
    ///   - probes: what can run.
    ///   - environment: the host's file systems and the shared readers.
    ///   - census: finds out who is on the host.
    ///   - sinks: where events can go.
    ///   - log: takes a line when a sink begins to fail or works again; called on any thread.
    /// - Throws: when a thread cannot be made.
    public init(
        _ configuration: Configuration, file: String = "", probes: [AgentProbe] = AgentProbe.all,
        environment: ProbeEnvironment = ProbeEnvironment(), census: CensusSource,
        sinks: [SinkKind] = SinkKind.available,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(SystemError) {
        self.configuration = configuration
        self.file = file
        if !configuration.btf.isEmpty { KernelBTF.preferredPath = configuration.btf }
        available = probes.map(\.definition)
        let turn = PreparationTurn()
        let inventory = try CensusRunner(census, deadline: configuration.metrics.deadline, turn: turn)
        let names = Set(configuration.event.probes.map(\.name))
        let isWanted = probes.contains { names.contains($0.definition.name) && !$0.definition.events.isEmpty }
        let hasFindings = configuration.analysis.isEnabled && !configuration.event.sinks.isEmpty
        events =
            isWanted || hasFindings
            ? try EventPipeline(
                node: configuration.nodeName, limits: configuration.limits.events, census: inventory.board,
                sinks: configuration.pipelineSinks(sinks), log: log) : nil
        let board = Monitor(AnalysisReport())
        collector = try Collector(
            configuration, probes: probes, environment: environment, inventory: inventory, events: events,
            analysis: board, turn: turn)
        analysis =
            configuration.analysis.isEnabled
            ? try AnalysisRunner(
                configuration.analysis, board, node: configuration.nodeName, collector: collector, events: events,
                available: available) : nil
    }

    /// What its own analysis knows; `nil` where that is switched off.
    public var findings: AnalysisReport? { analysis?.board.update { $0 } }

    /// Asks for all that its analysis has kept, as a recording.
    ///
    /// - Parameter receiver: takes it within seconds, on another thread; nothing where the analysis is switched off or the
    ///   agent stops.
    public func record(_ receiver: @escaping @Sendable ([UInt8]?) -> Void) {
        if let analysis { analysis.record(receiver) } else { receiver(nil) }
    }

    /// What is known of it now.
    public var status: AgentStatus {
        AgentStatus(
            node: configuration.node, file: file, probes: collector.probes, available: available,
            collector: collector.status, notices: configuration.notices, events: events.map { EventStatus($0) })
    }

    /// Lets its threads end, the sinks after they have taken what was reported; a sink that does not gets three seconds.
    public func stop() {
        analysis?.stop()
        collector.stop()
        events?.stop()
    }
}
