// SPDX-License-Identifier: Apache-2.0

/// Why a source gives no evidence at all.
public struct EvidenceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The source: a file, a URL.
    public var source: String
    /// What is wrong, one lower-case line.
    public var message: String

    /// Makes an error.
    public init(_ source: String, _ message: String) {
        self.source = source
        self.message = message
    }

    /// One line.
    public var description: String { "\(source): \(message)" }
}
