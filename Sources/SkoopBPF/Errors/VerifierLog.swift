// SPDX-License-Identifier: Apache-2.0

/// What the kernel's verifier wrote about a program that it refused.
public struct VerifierLog: Sendable, Hashable {
    /// The whole log as the kernel gave it, up to 16 MiB.
    public let full: String

    /// Wraps a log.
    public init(_ full: String) { self.full = full }

    /// The lines, without empty ones.
    public var lines: [Substring] {
        full.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
    }

    /// The last `count` lines.
    public func lines(last count: Int) -> [Substring] { Array(lines.suffix(count)) }

    /// The reason in one line.
    public var summary: String { lines.last.map(String.init) ?? "no log" }
}
