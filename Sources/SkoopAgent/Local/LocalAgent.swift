// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopEvents
public import SkoopEvidence
import SkoopIdentity
public import SkoopKubernetes
public import SkoopModel
import SkoopProbes
public import SkoopSystem

/// The probes of this host in this process: what a command-line tool needs where there is no agent, or none is asked.
///
/// A value is owned by one thread; the probes run until it goes away.
public struct LocalAgent: ~Copyable {
    /// The agent, which serves nothing.
    public let agent: Agent
    private var cursor: EventCursor?
    private let runtime: RuntimePods

    /// Starts the probes and waits until they are prepared, ten seconds at most, and for the container runtime three.
    ///
    /// - Parameters:
    ///   - metrics: the probes that are asked for metrics.
    ///   - events: the probes that report events.
    ///   - node: the node's name; empty for the environment's or the host's.
    ///   - runtime: which container runtime is asked for its pods; nil for none.
    ///   - analysis: how it looks for causes; nil for not at all.
    public init(
        metrics: [String], events: [String], node: String = "",
        runtime: RuntimePods.Settings? = Configuration().runtime, analysis: Configuration.AnalysisSettings? = nil
    ) throws(SystemError) {
        var configuration = Configuration()
        configuration.runtime = runtime
        configuration.node = node
        configuration.node = configuration.nodeName
        configuration.analysis = analysis ?? configuration.analysis
        configuration.analysis.isEnabled = analysis != nil
        configuration.metrics.probes = metrics.map { Configuration.ProbeSettings($0) }
        configuration.event.probes = events.map { Configuration.ProbeSettings($0) }
        let readers = SharedReaders()
        let runtime = RuntimePods(configuration.runtime)
        let resolver = EntityResolver(node: configuration.node, providers: runtime.chain)
        let agent = try Agent(
            configuration, environment: ProbeEnvironment(readers: readers),
            census: .host(resolver) { HostInventoryReader(readers: readers) }, identity: [runtime])
        self.runtime = runtime
        agent.collector.waitUntilPrepared(for: .seconds(10))
        runtime.waitUntilAsked(for: RuntimePods.patience)
        cursor = agent.events.map { EventCursor($0.stream, from: $0.stream.oldest) }
        self.agent = agent
    }

    deinit { agent.stop() }

    /// Starts the probes that can have what is asked for.
    ///
    /// - Parameters:
    ///   - request: what is asked for.
    ///   - node: the node's name; empty for the environment's or the host's.
    ///   - runtime: which container runtime is asked for its pods; nil for none.
    public init(
        _ request: EvidenceRequest, node: String = "", runtime: RuntimePods.Settings? = Configuration().runtime
    ) throws(SystemError) {
        let metrics = Set(request.metrics.map(\.probe))
        let events = Set(request.events.map(\.probe))
        let known = ProbeRegistry.all.map { $0.definition }
        try self.init(
            metrics: known.map(\.name).filter(metrics.contains),
            events: known.filter { !$0.events.isEmpty }.map(\.name).filter(events.contains), node: node,
            runtime: runtime)
    }

    /// What each probe can see.
    public var probes: [String: ProbeState] {
        ProbeState.all(of: agent.collector.probes, available: ProbeRegistry.all.map { $0.definition })
    }

    /// Why pods have no names; nil where they have, or there are none.
    public var complaint: String? { runtime.complaint }

    /// A line for each probe that runs or does not: where it watches, or why not; and one for a container runtime that
    /// does not answer.
    public var notes: [String] {
        [complaint].compactMap { $0 }
            + agent.collector.probes.map { probe in
                if let error = probe.error {
                    "probe \(probe.name) does not run: \(error.reason.rawValue): \(error.message)"
                } else {
                    "probe \(probe.name) watches \(probe.source?.hooks.joined(separator: ", ") ?? "")"
                }
            }
    }

    /// What has happened since the last time, and how much of it came too fast.
    public mutating func events() -> (events: [Event], missed: UInt64) {
        var events: [Event] = []
        var missed: UInt64 = 0
        while let items = cursor?.read(atMost: 1024) {
            for item in items {
                switch item {
                case .event(let event, _): events.append(event)
                case .missed(let count): missed += count
                }
            }
        }
        return (events, missed)
    }
}
