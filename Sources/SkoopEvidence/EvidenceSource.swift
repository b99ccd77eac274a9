// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
public import SkoopModel

/// Where evidence comes from: a file, a server, or the kernel of this host.
public protocol EvidenceSource {
    /// What time it tells of.
    var time: EvidenceTime { get }

    /// Adds what the source has to the evidence.
    ///
    /// What could not be read although it should have been is said in `Evidence.gaps`, and the rest is
    /// there. May wait for files and servers.
    ///
    /// - Throws: when there is nothing at all.
    func add(to evidence: inout Evidence, _ request: EvidenceRequest) throws(EvidenceError)
}

extension EvidenceSource {
    /// What it has, as most sources do.
    public var time: EvidenceTime { .kept }
}

/// What time a source tells of.
public enum EvidenceTime: Sendable, Hashable {
    /// What it has kept, whenever that was: a file, a running agent.
    case kept
    /// What happens from now on: the probes of this host, a page that is read again and again.
    case live
    /// What it is asked for: a server with a long memory.
    case asked
    /// That of the evidence of others, to which it adds.
    case added
}

/// What evidence is wanted.
public struct EvidenceRequest: Sendable {
    /// The metrics, for sources that have to be asked for each.
    public var metrics: Set<Metric>
    /// The types of events.
    public var events: Set<EventType>
    /// The time, in nanoseconds since 1970; nil for all that the source has.
    public var range: ClosedRange<UInt64>?
    /// How long before ``range`` metrics are wanted too, to know what was usual, in nanoseconds; sources that have kept
    /// more may give it.
    public var lead: UInt64 = 0

    /// Makes a request.
    public init(metrics: Set<Metric>, events: Set<EventType>, range: ClosedRange<UInt64>? = nil) {
        self.metrics = metrics
        self.events = events
        self.range = range
    }

    /// What an analyzer asks for.
    public init(_ analyzer: Analyzer, range: ClosedRange<UInt64>? = nil) {
        self.init(metrics: analyzer.metrics, events: analyzer.events, range: range)
    }
}
