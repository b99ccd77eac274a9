// SPDX-License-Identifier: Apache-2.0
public import SkoopIdentity
public import SkoopModel

/// One source of metrics: reads the kernel for all entities at once and returns columns.
///
/// A probe is a value owned by one thread. `init` finds out what the running kernel offers, chooses the source and
/// throws when there is none; `collect` is called once per scrape and may block.
/// One folder in `Probes/`, with a file named after the type (`…Probe.swift`); the build collects the types into
/// ``ProbeRegistry/all``.
public protocol Probe: Sendable {
    /// Name, arguments and sources.
    static var definition: ProbeDefinition { get }

    /// Prepares the probe on this host.
    ///
    /// - Throws: `ProbeError` saying what is missing.
    init(_ environment: ProbeEnvironment) throws(ProbeError)

    /// The source in use, and why it and no better one.
    var source: SourceChoice { get }

    /// Reads the kernel for every entity of the scrape.
    ///
    /// A value that cannot be read is left out and counted in `scrape.problems`; an error means that nothing could.
    mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family]
}

/// What is known of a probe before it runs.
public struct ProbeDefinition: Sendable {
    /// The probe's name in configuration and metric names.
    public var name: String
    /// Other spellings accepted in a configuration.
    public var aliases: [String]
    /// One sentence for people.
    public var summary: String
    /// The metrics it can yield.
    public var metrics: [Metric]
    /// Its sources, best first.
    public var sources: [Source]
    /// The arguments it takes.
    public var arguments: [ProbeArgument]
    /// The events it can report.
    public var events: [EventType]

    /// Makes a definition; name, aliases, summary and metrics come from the metric sets, the first of which names the probe.
    public init(
        _ sets: (any MetricSet.Type)..., events: (any EventSet.Type)? = nil, sources: [Source],
        arguments: [ProbeArgument] = []
    ) {
        name = sets[0].probe
        aliases = sets[0].probeAliases
        summary = sets[0].summary
        metrics = sets.flatMap { $0.metrics }
        self.events = events.map { $0.types } ?? []
        self.sources = sources
        self.arguments = arguments
    }
}

/// Where a probe's values come from.
public enum Source: String, Sendable, Hashable, CaseIterable {
    /// One run of an eBPF program for all namespaces, sockets or tasks.
    case onePass = "one-pass"
    /// Files below `/proc`.
    case procfs
    /// Netlink requests in every namespace.
    case netlink
    /// Files below `/sys`, control groups included.
    case sysfs
    /// eBPF programs attached to the kernel's paths, which count and report by themselves.
    case ebpf
}

/// The source a probe uses and the reason for it.
public struct SourceChoice: Sendable, Hashable {
    /// The source in use.
    public var source: Source
    /// Why not a better one; empty where the best is in use.
    public var reason: String
    /// The hooks that its programs are attached to, for example `tp_btf/kfree_skb`.
    public var hooks: [String]

    /// Makes a choice.
    public init(_ source: Source, reason: String = "", hooks: [String] = []) {
        self.source = source
        self.reason = reason
        self.hooks = hooks
    }
}

/// What one scrape gives to every probe.
public struct Scrape: Sendable {
    /// Counts up; readers shared by several probes run once per number.
    public var number: UInt64
    /// Who is here.
    public var census: Census
    /// Where values that could not be read are counted.
    public var problems: ProblemCounter

    /// Makes a scrape.
    public init(number: UInt64, census: Census, problems: ProblemCounter = ProblemCounter()) {
        self.number = number
        self.census = census
        self.problems = problems
    }
}
