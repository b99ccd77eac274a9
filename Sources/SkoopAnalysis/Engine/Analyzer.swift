// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Looks for the causes that rules describe.
///
/// A value; analysing changes nothing and may be done on any thread.
public struct Analyzer: Sendable {
    /// The rules.
    public var rules: [Rule]

    /// Makes an analyzer of some rules, by default all that come with the library.
    public init(rules: [Rule] = Rule.builtIn) { self.rules = rules }

    /// The metrics that the rules ask for, and those that say which probes work.
    public var metrics: Set<Metric> {
        rules.reduce(into: [SelfMetric.probeSuccess.metric, FlowMetric.packets.metric]) { $0.formUnion($1.metrics) }
    }

    /// The types of events that the rules ask for.
    public var events: Set<EventType> { rules.reduce(into: []) { $0.formUnion($1.events) } }

    /// What the evidence says of a time.
    ///
    /// - Parameters:
    ///   - evidence: the evidence.
    ///   - range: the time, in nanoseconds since 1970; what lies before it is the baseline. By default all there is.
    public func analyze(_ evidence: Evidence, range: ClosedRange<UInt64>? = nil) -> Analysis {
        guard let range = range ?? evidence.range else {
            return Analysis(
                range: 0...0, findings: [], undecided: [], gaps: evidence.gaps + ["there is no evidence at all"],
                entities: 0, snapshots: 0, events: 0)
        }
        var evaluation = Evaluation(evidence, range: range)
        let applied = rules.map { AppliedRule($0, &evaluation) }
        var findings: [Finding] = []
        var undecided: [Undecided] = []
        var known: Set<Question> = []
        for (number, one) in evidence.entities.enumerated() {
            for (position, rule) in applied.enumerated() where rule.rule.scope == .entities || one.entity.kind == .node
            {
                findings += rule.findings(number, &evaluation)
                let open = rule.undecided(number, &evaluation) { subject in
                    !known.insert(Question(rule: position, subject: subject)).inserted
                }
                if let open { undecided.append(open) }
            }
            evaluation.forget()
        }
        let grid = evaluation.grid
        let inside = evidence.log.events.values.joined().filter { range.contains($0.timestamp) }
        return Analysis(
            range: range, findings: Ranking(evidence, evaluation.relations).ranked(findings), undecided: undecided,
            gaps: evidence.gaps + grid.gaps, entities: evidence.entities.count,
            snapshots: grid.times.prefix(grid.snapshots).count { range.contains($0) },
            events: inside.reduce(0) { $0.addingWithoutOverflow($1.count) })
    }

    /// What is not said twice.
    private struct Question: Hashable {
        var rule: Int
        var subject: AnalysedEntity?
    }
}
