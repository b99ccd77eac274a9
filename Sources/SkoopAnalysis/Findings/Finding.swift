// SPDX-License-Identifier: Apache-2.0

/// A cause that was found: of what, when, how certain, and why.
public struct Finding: Sendable, Hashable {
    /// The rule that found it.
    public var rule: Rule
    /// To whom it happened.
    public var subject: AnalysedEntity
    /// From when, in nanoseconds since 1970: the end of the last interval in which nothing was to be seen.
    public var from: UInt64
    /// Until when: the end of the last interval in which something was to be seen.
    public var to: UInt64
    /// How likely it is the cause, between 0 and 1.
    public var confidence: Double
    /// What was seen, with the threshold of each.
    public var observations: [Observation]
    /// What was seen and speaks against it.
    public var contradictions: [Observation]
    /// What could not be seen.
    public var missing: [Missing]
    /// Findings that this cause explains.
    public var consequences: [Finding] = []
    /// Whether more than the rule asks for is known from partial evidence only.
    public var isPartial = false
}

/// A cause that can neither be found nor be ruled out, because evidence is missing.
public struct Undecided: Sendable, Hashable {
    /// The rule.
    public var rule: Rule
    /// Whose, where something of what the rule asks for was seen; nil where nothing can be said of anybody.
    public var subject: AnalysedEntity?
    /// What was seen.
    public var observations: [Observation]
    /// What would have to be seen: which probe to switch on, or what is not possible here.
    public var missing: [Missing]
}

/// What an analysis says.
public struct Analysis: Sendable {
    /// The time that was looked at, in nanoseconds since 1970.
    public var range: ClosedRange<UInt64>
    /// The causes, the most certain first; what a cause explains is below it and not here.
    public var findings: [Finding]
    /// What cannot be told.
    public var undecided: [Undecided]
    /// What was not there to be analysed, in words.
    public var gaps: [String]
    /// How many entities were looked at.
    public var entities: Int
    /// How many snapshots lie in the range.
    public var snapshots: Int
    /// How many events lie in the range.
    public var events: UInt64
}
