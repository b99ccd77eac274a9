// SPDX-License-Identifier: Apache-2.0
public import SkoopProbes

/// What is known of a sink before it runs.
public struct SinkDefinition: Sendable, Hashable {
    /// The sink's name in the configuration.
    public var name: String
    /// One sentence for people.
    public var summary: String
    /// The arguments it takes.
    public var arguments: [ProbeArgument]

    /// Makes a definition.
    public init(_ name: String, _ summary: String, arguments: [ProbeArgument] = []) {
        self.name = name
        self.summary = summary
        self.arguments = arguments
    }
}

/// What a sink may use.
public struct SinkEnvironment: Sendable {
    /// The validated arguments from the configuration; required ones are there.
    public var arguments: [String: ArgumentValue]
    /// The node's name.
    public var node: String

    /// Makes an environment.
    public init(arguments: [String: ArgumentValue] = [:], node: String = "") {
        self.arguments = arguments
        self.node = node
    }
}

/// How events are gathered for a sink.
public struct SinkBatching: Sendable, Hashable {
    /// The most events of a batch.
    public var events: Int
    /// How long the first event of a batch waits for more to come.
    public var wait: Duration

    /// Makes a rule; without arguments whatever is there is handed over at once.
    public init(events: Int = 1024, wait: Duration = .zero) {
        self.events = max(1, events)
        self.wait = wait
    }
}
