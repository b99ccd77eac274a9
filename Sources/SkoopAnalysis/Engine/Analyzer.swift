public import SkoopModel

// SPDX-License-Identifier: Apache-2.0
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

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
        var findings: [Finding] = []
        var undecided: [Undecided] = []
        for rule in rules {
            let (found, open) = apply(rule, &evaluation)
            findings += found
            undecided += open
        }
        let grid = evaluation.grid
        let inside = evidence.log.events.values.joined().filter { range.contains($0.timestamp) }
        return Analysis(
            range: range, findings: Ranking(evidence, evaluation.relations).ranked(findings), undecided: undecided,
            gaps: evidence.gaps, entities: evidence.entities.count,
            snapshots: grid.times.prefix(grid.snapshots).count { range.contains($0) },
            events: inside.reduce(0) { $0 + $1.count })
    }

    private func apply(_ rule: Rule, _ evaluation: inout Evaluation) -> ([Finding], [Undecided]) {
        let grid = evaluation.grid
        guard !grid.steps.isEmpty else { return ([], []) }
        var findings: [Finding] = []
        var undecided: [Undecided] = []
        let windows = grid.windows(of: rule.window)
        for (number, one) in evaluation.evidence.entities.enumerated() {
            guard rule.scope == .entities || one.entity.kind == .node else { continue }
            if evaluation.isPossible(rule.condition, number, grid.steps) {
                var spans: [Range<Int>] = []
                for window in windows where evaluation.truth(rule.condition, number, window) == .yes {
                    if let last = spans.last, window.lowerBound <= last.upperBound {
                        spans[spans.count - 1] = last.lowerBound..<window.upperBound
                    } else {
                        spans.append(window)
                    }
                }
                findings += spans.map { finding(rule, number, $0, &evaluation) }
                if !spans.isEmpty { continue }
            }
            guard evaluation.truth(rule.condition, number, grid.steps) == .unknown else { continue }
            let seen = evaluation.observations(rule.condition, number, grid.steps)
            let missing = evaluation.missing(in: rule.condition)
            if !seen.isEmpty {
                undecided.append(Undecided(rule: rule, subject: one, observations: seen, missing: missing))
            } else if !undecided.contains(where: { $0.subject == nil }) {
                undecided.append(Undecided(rule: rule, subject: nil, observations: [], missing: missing))
            }
        }
        return (findings, undecided)
    }

    private func finding(
        _ rule: Rule, _ entity: EntityRegistry.Number, _ span: Range<Int>, _ evaluation: inout Evaluation
    ) -> Finding {
        var first = span.lowerBound
        var last = span.upperBound - 1
        while first < last, !evaluation.contributes(rule.condition, entity, first) { first += 1 }
        while last > first, !evaluation.contributes(rule.condition, entity, last) { last -= 1 }
        var finding = Finding(
            rule: rule, subject: evaluation.evidence.entities[entity], from: evaluation.grid.times[first - 1],
            to: evaluation.grid.times[last], confidence: rule.confidence,
            observations: evaluation.observations(rule.condition, entity, span), contradictions: [], missing: [],
            isPartial: !evaluation.evidence.gaps.isEmpty)
        var odds = log(rule.confidence / (1 - rule.confidence))
        for clue in rule.supports {
            switch evaluation.truth(clue.condition, entity, span) {
            case .yes:
                odds += clue.weight
                finding.observations += evaluation.observations(clue.condition, entity, span, meaning: clue.meaning)
            case .unknown: finding.missing += evaluation.missing(in: clue.condition)
            case .no: break
            }
        }
        for clue in rule.contradicts {
            switch evaluation.truth(clue.condition, entity, span) {
            case .yes:
                odds -= clue.weight
                finding.contradictions += evaluation.observations(clue.condition, entity, span, meaning: clue.meaning)
            case .unknown: finding.missing += evaluation.missing(in: clue.condition)
            case .no: break
            }
        }
        finding.confidence = 1 / (1 + exp(-odds))
        finding.missing = finding.missing.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        return finding
    }
}
