// SPDX-License-Identifier: Apache-2.0
public import SkoopEvents
import SkoopModel
public import SkoopProbes

/// The names a configuration may use: what this version has, and what KubeSkoop has besides.
public struct KnownProbes: Sendable {
    /// Probes that can run.
    public var definitions: [ProbeDefinition]
    /// Probes of the catalogue that cannot run yet, by every spelling; the value is the probe's own name.
    public var planned: [String: String]
    /// Sinks that can run.
    public var sinks: [SinkKind]

    /// KubeSkoop's event probes.
    public static let eventProbes = [
        "conntrack", "packetloss", "tcpreset", "tcpretrans", "kernellatency", "socketlatency", "softirq", "netiftxlat",
        "virtcmdlatency", "biolatency",
    ]

    /// KubeSkoop's event sinks.
    public static let eventSinks = ["stderr", "file", "loki"]

    /// Makes the names; what the catalogue holds and no definition serves is planned.
    public init(
        _ definitions: [ProbeDefinition] = ProbeRegistry.all.map { $0.definition },
        sinks: [SinkKind] = SinkKind.available
    ) {
        self.definitions = definitions
        self.sinks = sinks
        planned = [:]
        let built = Set(definitions.flatMap { [$0.name] + $0.aliases })
        // What the agent tells of itself is no probe, nor is what only a log tells.
        let others = [SelfMetric.probe, AnalysisMetric.probe, AccessMetric.probe]
        for set in Catalogue.sets where !others.contains(set.probe) {
            for spelling in [set.probe] + set.probeAliases where !built.contains(spelling) {
                planned[spelling.lowercased()] = set.probe
            }
        }
    }

    /// The probe of that name or alias, without regard to case.
    public func definition(of name: String) -> ProbeDefinition? {
        let name = name.lowercased()
        return definitions.first { $0.name == name || $0.aliases.contains { $0.lowercased() == name } }
    }

    /// Every own name, for messages.
    var names: [String] { (definitions.map(\.name) + Set(planned.values)).sorted() }

    /// Every own name of an event probe, those that are not built yet included.
    var eventNames: [String] {
        Set(definitions.filter { !$0.events.isEmpty }.map(\.name)).union(Self.eventProbes).sorted()
    }

    /// Every name of a sink, those that are not built yet included.
    var sinkNames: [String] { Set(sinks.map(\.definition.name)).union(Self.eventSinks).sorted() }
}
