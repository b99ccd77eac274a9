// SPDX-License-Identifier: Apache-2.0

/// A cause that the library knows: its rule, and what people ought to know about it.
///
/// One file per case in `Cases/`, named `…Case.swift` after its type; the build collects them into ``Rule/builtIn``.
public protocol Case: Sendable {
    /// How it is found.
    static var rule: Rule { get }
    /// How it arises, in a few sentences.
    static var arises: String { get }
    /// How it was made real, to see that it is found.
    static var reproduction: String { get }
}

extension Rule {
    /// The cases that come with the library, in the order of their file names.
    public static var cases: [any Case.Type] { caseTypes }

    /// The rules of the cases that come with the library.
    public static let builtIn: [Rule] = cases.map { $0.rule }
}
