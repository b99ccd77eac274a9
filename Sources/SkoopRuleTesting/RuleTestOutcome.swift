// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
public import SkoopEvidence

/// What became of a test.
public struct RuleTestOutcome: Sendable {
    /// An expectation that was not met.
    public struct Failure: Sendable, Hashable {
        /// The line of the expectation; 0 for that nothing else is found.
        public var line: Int
        /// What was expected.
        public var expected: String
        /// What was found instead, one line each.
        public var found: [String]
    }

    /// The test's name.
    public var name: String
    /// What was not as expected; nothing where the test passes.
    public var failures: [Failure]
    /// What the rules say of the evidence.
    public var analysis: Analysis

    /// Judges the evidence of a test by rules.
    ///
    /// - Parameters:
    ///   - test: the test.
    ///   - rules: the rules.
    /// - Throws: when there is no evidence at all; of evidence in part, the analysis says what is missing.
    public init(of test: RuleTest, by rules: [Rule]) throws(EvidenceError) {
        let analyzer = Analyzer(rules: rules)
        let evidence = try Evidence(from: test.sources, EvidenceRequest(analyzer))
        let range = try test.range(in: evidence)
        analysis = analyzer.analyze(evidence, range: range)
        name = test.name
        let judgement = RuleTestJudgement(analysis: analysis, evidence: evidence, rules: rules)
        failures = test.expected.compactMap(judgement.missing) + test.absent.compactMap(judgement.present)
        failures += test.undecided.compactMap(judgement.decided)
        if test.isComplete, let more = judgement.others(than: test.expected) { failures.append(more) }
    }
}

extension RuleTest {
    /// The time that is looked at; nil for all of the evidence.
    fileprivate func range(in evidence: Evidence) throws(EvidenceError) -> ClosedRange<UInt64>? {
        guard from != nil || to != nil, let whole = evidence.range else { return nil }
        func time(_ bound: Bound?, else other: UInt64) -> UInt64 {
            switch bound {
            case .time(let time): time
            case .offset(let offset): whole.lowerBound + offset
            case nil: other
            }
        }
        let first = time(from, else: whole.lowerBound)
        let last = time(to, else: whole.upperBound)
        guard first <= last, whole.overlaps(first...last) else {
            throw EvidenceError(name, "there is no evidence of the time that is to be looked at")
        }
        return first...last
    }
}
