// SPDX-License-Identifier: Apache-2.0
public import SkoopProbes

/// A probe that an agent can run: its definition and how to make it.
public struct AgentProbe: Sendable {
    /// Name, arguments and sources.
    public var definition: ProbeDefinition
    /// Prepares the probe; called on the thread that will own it, again after a failure.
    public var make: @Sendable (ProbeEnvironment) throws(ProbeError) -> any Probe

    /// Makes one of a type.
    public init<Type: Probe>(_ type: Type.Type) {
        definition = type.definition
        make = { (environment) throws(ProbeError) in try type.init(environment) }
    }

    /// Makes one that is not simply an instance of a type.
    public init(
        definition: ProbeDefinition, make: @escaping @Sendable (ProbeEnvironment) throws(ProbeError) -> any Probe
    ) {
        self.definition = definition
        self.make = make
    }

    /// The probes of SkoopProbes.
    public static var all: [AgentProbe] { ProbeRegistry.all.map { AgentProbe(opening: $0) } }

    private init(opening type: any Probe.Type) {
        func open<Type: Probe>(_ type: Type.Type) -> AgentProbe { AgentProbe(type) }
        self = open(type)
    }
}
