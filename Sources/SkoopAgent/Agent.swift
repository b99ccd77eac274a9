// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopBPF
public import SkoopEvents
public import SkoopIdentity
import SkoopModel
public import SkoopProbes
public import SkoopSystem
import Synchronization

/// An agent: the configured probes on their threads, and what is known of them.
///
/// Everything may be asked from any thread, also while another configuration is applied.
public final class Agent: Sendable {
    /// What a reload exchanges.
    struct Parts: Sendable {
        var configuration: Configuration
        var events: EventPipeline?
        var analysis: AnalysisRunner?
    }

    /// The file the configuration came from; empty for the embedded defaults.
    public let file: String
    /// Takes the snapshots.
    public let collector: Collector
    let parts: Mutex<Parts>
    let boards: CollectorBoards
    let census: (settings: CensusSettings?, board: CensusBoard)
    let identity: [any IdentitySource]
    let sinkKinds: [SinkKind]
    let available: [ProbeDefinition]
    let log: AgentLog
    let debug: DebugMode
    let host: ProbeEnvironment.HostPaths
    private let births: (watch: BirthWatch, call: BirthCall)
    /// Held while a configuration is applied.
    let applying = Mutex<Void>(())

    /// Starts the probes' threads.
    ///
    /// - Parameters:
    ///   - configuration: what to do.
    ///   - file: where the configuration came from.
    ///   - probes: what can run.
    ///   - environment: the host's file systems and the shared readers.
    ///   - census: finds out who is on the host.
    ///   - identity: who is asked besides; the census has their providers. They are started.
    ///   - sinks: where events can go.
    ///   - log: takes lines for people, in debug mode more of them; called on any thread.
    /// - Throws: when a thread cannot be made.
    public init(
        _ configuration: Configuration, file: String = "", probes: [AgentProbe] = AgentProbe.all,
        environment: ProbeEnvironment = ProbeEnvironment(), census: CensusSource,
        identity: [any IdentitySource] = [], sinks: [SinkKind] = SinkKind.available,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(SystemError) {
        self.file = file
        self.log = AgentLog(log)
        debug = DebugMode(self.log)
        host = environment.host
        debug.turn(configuration.debugMode)
        sinkKinds = sinks
        if !configuration.btf.isEmpty { KernelBTF.preferredPath = configuration.btf }
        available = probes.map(\.definition)
        let turn = PreparationTurn()
        let inventory = try CensusRunner(census, deadline: configuration.metrics.deadline, turn: turn)
        self.census = (census.settings, inventory.board)
        let (watch, ground) = (environment.readers.births, inventory.board)
        births = (watch, watch.listen { ground.refresh() })
        var parts = Parts(configuration: configuration)
        if Self.wantsEvents(configuration, available) {
            parts.events = try Self.pipeline(configuration, sinks, inventory.board, host, log)
        }
        boards = CollectorBoards(identity: identity, log: self.log)
        self.identity = identity
        boards.reload.update { status in
            status.time = SystemClock.wall
            status.successTime = status.time
            status.isSuccessful = configuration.missing.isEmpty
            status.errors = configuration.missing.map { "\($0)" }
        }
        collector = try Collector(
            configuration, probes: probes, environment: environment, inventory: inventory, events: parts.events,
            boards: boards, turn: turn)
        if configuration.analysis.isEnabled {
            parts.analysis = try AnalysisRunner(
                configuration.analysis, boards.analysis, node: configuration.nodeName, collector: collector,
                events: parts.events, available: available)
        }
        self.parts = Mutex(parts)
        let board = self.census.board
        for source in identity { try source.start { board.refresh() } }
    }

    /// Whether a pipeline has something to do: a probe reports events, or findings go to sinks.
    static func wantsEvents(_ configuration: Configuration, _ available: [ProbeDefinition]) -> Bool {
        let names = Set(configuration.event.probes.map(\.name))
        return available.contains { names.contains($0.name) && !$0.events.isEmpty }
            || configuration.analysis.isEnabled && !configuration.event.sinks.isEmpty
    }

    static func pipeline(
        _ configuration: Configuration, _ sinks: [SinkKind], _ census: CensusBoard,
        _ host: ProbeEnvironment.HostPaths, _ log: @escaping @Sendable (String) -> Void
    ) throws(SystemError) -> EventPipeline {
        try EventPipeline(
            node: configuration.nodeName, limits: configuration.limits.events, census: census,
            cookies: { NamespaceCookies.look(host) }, sinks: configuration.pipelineSinks(sinks), log: log)
    }

    /// What it does; ``Configuration/node`` is set.
    public var configuration: Configuration { parts.withLock { $0.configuration } }

    /// Brings events to the sinks and to those who watch; `nil` as long as no probe has reported any and no finding had
    /// a sink.
    public var events: EventPipeline? { parts.withLock { $0.events } }

    /// What its own analysis knows; `nil` where that is switched off.
    public var findings: AnalysisReport? {
        parts.withLock { $0.analysis == nil } ? nil : boards.analysis.update { $0 }
    }

    /// Asks for all that its analysis has kept, as a recording.
    ///
    /// - Parameter receiver: takes it within seconds, on another thread; nothing where the analysis is switched off or the
    ///   agent stops.
    public func record(_ receiver: @escaping @Sendable ([UInt8]?) -> Void) {
        let analysis = parts.withLock { $0.analysis }
        if let analysis { analysis.record(receiver) } else { receiver(nil) }
    }

    /// What is known of it now.
    public var status: AgentStatus {
        let parts = parts.withLock { $0 }
        return AgentStatus(
            node: parts.configuration.node, file: file, probes: collector.probes, available: available,
            collector: collector.status, notices: parts.configuration.notices,
            events: parts.events.map { EventStatus($0) }, reload: boards.reload.update { $0 },
            identity: identity.wanted, births: births.watch.status)
    }

    /// Lets its threads end, the sinks after they have taken what was reported; a sink that does not gets three seconds.
    public func stop() {
        let parts = parts.withLock { $0 }
        for source in identity { source.stop() }
        parts.analysis?.stop()
        collector.stop()
        parts.events?.stop()
    }
}
