// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Where events go: a file, a log store, a socket.
///
/// A sink is a value owned by one thread, on which everything is called; it may block there, and nothing but this sink
/// waits. In front of it stands a bounded queue, from which it is handed batches. What a sink cannot take now stays there
/// and is offered again, so that a sink needs no queue, no timer and no repetition of its own.
public protocol Sink: Sendable {
    /// Name and arguments.
    static var definition: SinkDefinition { get }

    /// Looks at arguments that have the right form, and touches nothing else.
    ///
    /// - Throws: what is wrong with one of them.
    static func check(_ environment: SinkEnvironment) throws(SinkArgumentError)

    /// How much may wait in front of a sink with these arguments; nil for ``EventLimits/queue``.
    static func capacity(_ environment: SinkEnvironment) -> SinkCapacity?

    /// Prepares the sink.
    ///
    /// - Throws: why it cannot be used. An error that can be retried is: the sink is made again later, and events wait.
    init(_ environment: SinkEnvironment) throws(SinkError)

    /// How events are gathered for it.
    var batching: SinkBatching { get }

    /// Where events go, for people: a path, a URL; no secrets.
    var target: String { get }

    /// Takes a batch, the oldest event first; never empty, never more than ``batching`` says.
    ///
    /// - Returns: what became of it.
    /// - Throws: why none of it was taken. If that can be retried the same events are offered again, later and perhaps
    ///   with more after them; otherwise all of them are lost, counted under the error's reason.
    mutating func deliver(_ events: ArraySlice<Event>) throws(SinkError) -> SinkReceipt

    /// Opens what it writes to anew, since somebody may have moved it away; most sinks have nothing to do.
    mutating func reopen()
}

extension Sink {
    /// Finds nothing wrong.
    public static func check(_ environment: SinkEnvironment) throws(SinkArgumentError) {}

    /// What is usual.
    public static func capacity(_ environment: SinkEnvironment) -> SinkCapacity? { nil }

    /// Whatever is there, at once.
    public var batching: SinkBatching { SinkBatching() }

    /// Does nothing.
    public mutating func reopen() {}
}
