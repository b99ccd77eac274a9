// SPDX-License-Identifier: Apache-2.0

/// A sink that a configuration can name: its definition and how to make it.
public struct SinkKind: Sendable {
    /// Name and arguments.
    public var definition: SinkDefinition
    /// Prepares the sink; called on the thread that will own it, again after a failure.
    public var make: @Sendable (SinkEnvironment) throws(SinkError) -> any Sink

    /// Makes one of a type.
    public init<Type: Sink>(_ type: Type.Type) {
        definition = type.definition
        make = { (environment) throws(SinkError) in try type.init(environment) }
    }

    /// The sinks of this module: `stderr` and `file`.
    public static var builtIn: [SinkKind] { [SinkKind(StderrSink.self), SinkKind(FileSink.self)] }
}

/// A sink of a pipeline.
public struct PipelineSink: Sendable {
    /// Its name in `/status` and metrics; unique in its pipeline.
    public var name: String
    /// Prepares the sink; called on the thread that will own it, again after a failure.
    public var make: @Sendable () throws(SinkError) -> any Sink

    /// Makes one of a kind.
    public init(_ kind: SinkKind, _ environment: SinkEnvironment, named name: String? = nil) {
        self.init(name ?? kind.definition.name) { () throws(SinkError) in try kind.make(environment) }
    }

    /// Makes one that is not simply of a kind.
    public init(_ name: String, _ make: @escaping @Sendable () throws(SinkError) -> any Sink) {
        self.name = name
        self.make = make
    }
}
