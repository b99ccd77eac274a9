// SPDX-License-Identifier: Apache-2.0

/// Why a stream could not be compressed.
public struct CompressionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The encoding in use.
    public var encoding: Compressor.Encoding
    /// What the library says.
    public var reason: String

    /// Makes an error.
    public init(encoding: Compressor.Encoding, reason: String) {
        self.encoding = encoding
        self.reason = reason
    }

    /// One line.
    public var description: String { "\(encoding.rawValue): \(reason)" }
}
