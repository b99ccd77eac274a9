// SPDX-License-Identifier: Apache-2.0

/// Why a text is no YAML document that can be read.
public struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where, counted from 1.
    public var line: Int
    /// One lower-case line: what was wrong.
    public var message: String

    /// Makes an error.
    public init(line: Int, _ message: String) {
        self.line = line
        self.message = message
    }

    /// Line and message.
    public var description: String { "line \(line): \(message)" }
}
