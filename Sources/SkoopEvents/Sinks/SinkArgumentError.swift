// SPDX-License-Identifier: Apache-2.0

/// What is wrong with an argument of a sink whose value has the right form.
public struct SinkArgumentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The argument's name.
    public var argument: String
    /// One lower-case line: what was wrong, what is allowed; no secrets.
    public var message: String

    /// Makes an error.
    public init(_ argument: String, _ message: String) {
        self.argument = argument
        self.message = message
    }

    /// Argument and message.
    public var description: String { "\(argument): \(message)" }
}

extension SinkError {
    /// A sink that cannot be made of its arguments.
    public init(_ error: SinkArgumentError) { self.init(.invalidArgument, error.description) }
}
