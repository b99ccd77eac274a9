// SPDX-License-Identifier: Apache-2.0
public import SkoopEvidence

/// What rules must say of recorded evidence.
public struct RuleTest {
    /// An end of the time that is looked at.
    public enum Bound: Sendable, Hashable {
        /// Nanoseconds since 1970.
        case time(UInt64)
        /// So many nanoseconds after the evidence begins.
        case offset(UInt64)
    }

    /// A cause that must be found, or must not.
    public struct Expectation: Sendable, Hashable {
        /// The rule.
        public var rule: String
        /// To whom it happened, as reports name it, with or without its node; nil for anybody.
        public var entity: String?
        /// How certain it must be.
        public var confidence: ClosedRange<Double>
        /// The rule whose finding must explain it; nil for a cause that stands for itself.
        public var explainedBy: String?
        /// Where it is asked for.
        public var line: Int

        /// Makes an expectation; see the properties for the meaning of each argument.
        public init(
            _ rule: String, of entity: String? = nil, confidence: ClosedRange<Double> = 0...1,
            explainedBy: String? = nil, line: Int = 0
        ) {
            self.rule = rule
            self.entity = entity
            self.confidence = confidence
            self.explainedBy = explainedBy
            self.line = line
        }
    }

    /// What it tests, for people.
    public var name: String
    /// The evidence.
    public var sources: [any EvidenceSource]
    /// The beginning of the time that is looked at; nil for that of the evidence. What lies before it is the baseline.
    public var from: Bound?
    /// The end of the time that is looked at; nil for that of the evidence.
    public var to: Bound?
    /// What must be found.
    public var expected: [Expectation] = []
    /// What must not be found; of these, only rule and entity count.
    public var absent: [Expectation] = []
    /// Rules that can tell nothing, because evidence is missing.
    public var undecided: [Expectation] = []
    /// Whether nothing but what is expected may be found.
    public var isComplete = false

    /// Makes a test that expects nothing yet.
    ///
    /// - Parameters:
    ///   - name: what it tests, for people.
    ///   - sources: the evidence.
    ///   - from: the beginning of the time that is looked at; nil for that of the evidence.
    ///   - to: the end of that time; nil for that of the evidence.
    public init(_ name: String, sources: [any EvidenceSource], from: Bound? = nil, to: Bound? = nil) {
        self.name = name
        self.sources = sources
        self.from = from
        self.to = to
    }
}
