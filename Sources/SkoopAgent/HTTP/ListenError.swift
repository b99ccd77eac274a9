// SPDX-License-Identifier: Apache-2.0

/// Why the agent cannot listen where it was told to.
public struct ListenError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where it was to listen.
    public var address: ListenAddress
    /// Why it cannot.
    public var message: String
    /// The key of the configuration that says so.
    public var key: String

    /// Makes an error.
    public init(_ address: ListenAddress, _ message: String, key: String = "address") {
        self.address = address
        self.message = message
        self.key = key
    }

    /// One lower-case line.
    public var description: String { "cannot listen on \(address): \(message)" }
}
