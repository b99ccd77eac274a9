// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopEvents
public import SkoopEvidence
import SkoopIdentity
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

    /// Starts the probes and waits until they are prepared, ten seconds at most.
    ///
    /// - Parameters:
    ///   - metrics: the probes that are asked for metrics.
    ///   - events: the probes that report events.
    ///   - node: the node's name; empty for the environment's or the host's.
    public init(metrics: [String], events: [String], node: String = "") throws(SystemError) {
        var configuration = Configuration()
        configuration.node = node
        configuration.node = configuration.nodeName
        configuration.analysis.isEnabled = false
        configuration.metrics.probes = metrics.map { Configuration.ProbeSettings($0) }
        configuration.event.probes = events.map { Configuration.ProbeSettings($0) }
        let readers = SharedReaders()
        let resolver = EntityResolver(node: configuration.node)
        let agent = try Agent(
            configuration, environment: ProbeEnvironment(readers: readers),
            census: .host(resolver) { HostInventoryReader(readers: readers) })
        agent.collector.waitUntilPrepared(for: .seconds(10))
        cursor = agent.events.map { EventCursor($0.stream, from: $0.stream.oldest) }
        self.agent = agent
    }

    deinit { agent.stop() }

    /// Starts the probes that can have what is asked for.
    public init(_ request: EvidenceRequest, node: String = "") throws(SystemError) {
        let metrics = Set(request.metrics.map(\.probe))
        let events = Set(request.events.map(\.probe))
        let known = ProbeRegistry.all.map { $0.definition }
        try self.init(
            metrics: known.map(\.name).filter(metrics.contains),
            events: known.filter { !$0.events.isEmpty }.map(\.name).filter(events.contains), node: node)
    }

    /// What each probe can see.
    public var probes: [String: ProbeState] {
        ProbeState.all(of: agent.collector.probes, available: ProbeRegistry.all.map { $0.definition })
    }

    /// A line for each probe that runs or does not: where it watches, or why not.
    public var notes: [String] {
        agent.collector.probes.map { probe in
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
