// SPDX-License-Identifier: Apache-2.0

/// What was read of some text, and what could not be.
public struct Reading: Sendable, Hashable {
    /// What is wrong with a line.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The line, counted from 1.
        public var line: Int
        /// What is wrong there.
        public var message: String

        /// One line.
        public var description: String { "line \(line): \(message)" }
    }

    /// How many samples or events were taken.
    public internal(set) var samples = 0
    /// How many samples or events have names that the catalogue does not know.
    public private(set) var unknown = 0
    /// Some of those names, in alphabetical order.
    public private(set) var unknownNames: [String] = []
    /// How many lines could not be read.
    public private(set) var problemCount = 0
    /// The first of those lines.
    public private(set) var problems: [Problem] = []

    private static let limit = 20

    /// Whether all of it could be read.
    public var isWhole: Bool { problemCount == 0 }

    mutating func add(problem: String, line: Int) {
        problemCount += 1
        if problems.count < Self.limit { problems.append(Problem(line: line, message: problem)) }
    }

    mutating func addUnknown(_ name: String) {
        unknown += 1
        guard unknownNames.count < Self.limit, !unknownNames.contains(name) else { return }
        unknownNames.append(name)
        unknownNames.sort()
    }

    mutating func add(_ other: Reading) {
        samples += other.samples
        unknown += other.unknown
        problemCount += other.problemCount
        problems += other.problems.prefix(max(0, Self.limit - problems.count))
        let names = Set(unknownNames + other.unknownNames).sorted()
        unknownNames = Array(names.prefix(Self.limit))
    }

    /// What could not be read, in words; nil where all was.
    public var gap: String? {
        guard let first = problems.first else { return nil }
        return problemCount == 1 ? "\(first)" : "\(problemCount) lines could not be read, the first: \(first)"
    }
}
