// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// An event as a probe hands it over: what the kernel reported, before anybody asks whose it is.
public struct ProbeEvent: Sendable, Hashable {
    /// What happened.
    public var type: EventType
    /// When, in nanoseconds of `CLOCK_MONOTONIC`.
    public var time: UInt64
    /// The network namespace the packet or socket was in; 0 where it is not known.
    public var namespace: NamespaceID
    /// Which namespace had that number then, by its cookie: 0 where that cannot be told, nil where nobody has looked. For
    /// whoever attributes events, not for probes.
    public var cookie: UInt64?
    /// The ends, where there are any.
    public var tuple: PacketTuple?
    /// The process in whose context it happened; nil where it is none of a process's own doing.
    public var process: EventProcess?
    /// The values of the typed fields by position in the type's fields; nil where one is not known.
    public var values: [EventValue?]
    /// KubeSkoop's text.
    public var message: String

    /// Makes an event; see the properties for the meaning of each argument.
    public init(
        _ type: EventType, time: UInt64, namespace: NamespaceID, tuple: PacketTuple? = nil,
        process: EventProcess? = nil, values: [EventValue?] = [], message: String = ""
    ) {
        self.type = type
        self.time = time
        self.namespace = namespace
        self.tuple = tuple
        self.process = process
        self.values = values
        self.message = message
    }
}

/// How the events of a source fared until now: what was emitted is what was delivered and what was lost.
public struct EventCounts: Sendable, Hashable {
    /// Events that the kernel wanted to report.
    public var emitted: UInt64 = 0
    /// Of them, those that got lost before anybody could read them, by cause (a short constant such as `ring-full`).
    public var lost: [String: UInt64] = [:]

    /// Counts of nothing.
    public init() {}
}
