// SPDX-License-Identifier: Apache-2.0

/// A sink that a configuration can name: its definition and how to make it.
public struct SinkKind: Sendable {
    /// Name and arguments.
    public var definition: SinkDefinition
    /// Prepares the sink; called on the thread that will own it, again after a failure.
    public var make: @Sendable (SinkEnvironment) throws(SinkError) -> any Sink

    /// Says what is wrong with arguments that have the right form.
    public var check: @Sendable (SinkEnvironment) throws(SinkArgumentError) -> Void
    /// How much may wait in front of it; nil for what is usual.
    public var capacity: @Sendable (SinkEnvironment) -> SinkCapacity?

    /// Makes one of a type.
    public init<Type: Sink>(_ type: Type.Type) {
        definition = type.definition
        check = { (environment) throws(SinkArgumentError) in try type.check(environment) }
        capacity = { type.capacity($0) }
        make = { (environment) throws(SinkError) in try type.init(environment) }
    }

    /// The sinks of this module: `stderr` and `file`.
    public static var builtIn: [SinkKind] { [SinkKind(StderrSink.self), SinkKind(FileSink.self)] }
}

/// A sink of a pipeline.
public struct PipelineSink: Sendable {
    /// Its name in `/status` and metrics; unique in its pipeline.
    public var name: String
    /// What kind of sink it is.
    public let kind: String
    /// What it was configured with; nil where nobody knows, and every other one is another sink.
    let environment: SinkEnvironment?
    /// How much may wait in front of it; nil for ``EventLimits/queue``.
    public var capacity: SinkCapacity?
    /// Prepares the sink; called on the thread that will own it, again after a failure.
    public var make: @Sendable () throws(SinkError) -> any Sink

    /// Makes one of a kind.
    public init(_ kind: SinkKind, _ environment: SinkEnvironment, named name: String? = nil) {
        self.name = name ?? kind.definition.name
        self.kind = kind.definition.name
        self.environment = environment
        capacity = kind.capacity(environment)
        make = { () throws(SinkError) in try kind.make(environment) }
    }

    /// Makes one that is not simply of a kind.
    public init(
        _ name: String, capacity: SinkCapacity? = nil, _ make: @escaping @Sendable () throws(SinkError) -> any Sink
    ) {
        self.name = name
        kind = name
        environment = nil
        self.capacity = capacity
        self.make = make
    }

    /// Whether both are configured alike; their names do not matter.
    func isSame(as other: PipelineSink) -> Bool {
        guard let environment, let others = other.environment else { return false }
        return kind == other.kind && environment.arguments == others.arguments && environment.node == others.node
    }
}
