// SPDX-License-Identifier: Apache-2.0

/// Why the lab could not do what it was asked to.
public struct LabError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line.
    public var description: String

    /// Makes an error.
    public init(_ description: String) { self.description = description }
}
