// SPDX-License-Identifier: Apache-2.0
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A rule whose conditions are part of an evaluation's plan.
struct AppliedRule: Sendable {
    let rule: Rule
    private let condition: Plan.Node
    /// The condition's tests, whether one of them compares with a baseline, and the windows in which it is looked at.
    private let tests: [Int]
    private let compares: Bool
    /// By node: what the condition would need and is not there.
    private let missing: [[Missing]]
    private let windows: [Range<Int>]
    private let supports: [(clue: Clue, node: Plan.Node)]
    private let contradicts: [(clue: Clue, node: Plan.Node)]

    init(_ rule: Rule, _ evaluation: inout Evaluation) {
        self.rule = rule
        condition = evaluation.add(rule.condition)
        tests = evaluation.plan.tests(of: condition)
        compares = evaluation.plan.compares(condition)
        let (plan, condition) = (evaluation.plan, condition)
        missing = plan.nodes.indices.map { plan.missing(in: condition, on: $0) }
        windows = evaluation.grid.windows(of: rule.window)
        supports = rule.supports.map { ($0, evaluation.add($0.condition)) }
        contradicts = rule.contradicts.map { ($0, evaluation.add($0.condition)) }
    }

    /// The times in which the condition holds for an entity.
    func findings(_ entity: EntityRegistry.Number, _ evaluation: inout Evaluation) -> [Finding] {
        let steps = evaluation.grid.steps
        guard !steps.isEmpty, evaluation.isPossible(condition, entity, steps) else { return [] }
        var spans: [Span] = []
        for window in windows where evaluation.truth(condition, entity, window) == .yes {
            let stretch = stretch(window, entity, &evaluation)
            if let last = spans.last, window.lowerBound <= last.steps.upperBound {
                spans[spans.count - 1].steps = last.steps.lowerBound..<window.upperBound
                spans[spans.count - 1].stretch = min(last.stretch, stretch)
            } else {
                spans.append(Span(steps: window, stretch: stretch))
            }
        }
        return spans.map { finding(entity, $0, &evaluation) }
    }

    /// A time in which the condition holds.
    private struct Span {
        var steps: Range<Int>
        /// How many times longer than the rule's window the time is in which enough is known to have happened.
        var stretch: Double
    }

    /// How many times longer than the rule asks for a window is, if what was counted in it may have been spread so evenly
    /// that no window of the rule's length had enough; else 1. Of so many in an hour, at least a sixtieth, rounded up, fell
    /// into one and the same minute.
    private func stretch(
        _ window: Range<Int>, _ entity: EntityRegistry.Number, _ evaluation: inout Evaluation
    ) -> Double {
        let stretch = evaluation.seconds(of: window, entity) / rule.window
        guard rule.window > 0, stretch > Self.usualStretch else { return 1 }
        evaluation.certain = 1 / stretch
        defer { evaluation.certain = 1 }
        return evaluation.truth(condition, entity, window) == .yes ? 1 : stretch
    }

    /// Snapshots come late now and then.
    private static let usualStretch = 1.5
    /// How much a time that is far too long makes a cause less likely; see ``Clue/weight``.
    private static let mostDoubt = 1.5

    /// What cannot be told of an entity, if anything; without the entity where nothing at all was seen, and of its node
    /// where others can be told of.
    ///
    /// - Parameter isSaid: whether it was said of somebody already.
    func undecided(
        _ entity: EntityRegistry.Number, _ evaluation: inout Evaluation, unless isSaid: (AnalysedEntity?) -> Bool
    ) -> Undecided? {
        let steps = evaluation.grid.steps
        let lacking = missing[evaluation.node(of: entity)]
        guard let last = windows.last, !lacking.isEmpty || compares else { return nil }
        evaluation.baselineEnd = last.lowerBound
        defer { evaluation.baselineEnd = nil }
        guard evaluation.truth(condition, entity, steps) == .unknown else { return nil }
        let seen = evaluation.observations(condition, entity, steps)
        let entities = evaluation.evidence.entities
        var subject: AnalysedEntity? = entities[entity]
        if seen.isEmpty {
            // Of a short time nothing can be compared of anybody.
            let isForAll = lacking.isEmpty && last.lowerBound <= Track.leastSteps
            if isForAll || missing.allSatisfy({ !$0.isEmpty }) {
                subject = nil
            } else if !lacking.isEmpty {
                subject = evaluation.subjects(.node, of: entity).first.map { entities[$0] } ?? subject
            }
        }
        if isSaid(subject) { return nil }
        return Undecided(
            rule: rule, subject: subject, observations: seen, missing: evaluation.missing(condition, entity, steps))
    }

    private func finding(
        _ entity: EntityRegistry.Number, _ found: Span, _ evaluation: inout Evaluation
    ) -> Finding {
        let span = found.steps
        var first = span.lowerBound
        var last = span.upperBound - 1
        while first < last, !evaluation.contributes(tests, entity, first) { first += 1 }
        while last > first, !evaluation.contributes(tests, entity, last) { last -= 1 }
        var finding = Finding(
            rule: rule, subject: evaluation.evidence.entities[entity], from: evaluation.grid.times[first - 1],
            to: evaluation.grid.times[last], confidence: rule.confidence,
            observations: evaluation.observations(condition, entity, span), contradictions: [], missing: [],
            isPartial: !evaluation.evidence.gaps.isEmpty)
        var odds = log(rule.confidence / (1 - rule.confidence))
        for (clue, node) in supports {
            guard weigh(node, entity, span, &evaluation, &finding) else { continue }
            odds += clue.weight
            finding.observations += evaluation.observations(node, entity, span, meaning: clue.meaning)
        }
        for (clue, node) in contradicts {
            guard weigh(node, entity, span, &evaluation, &finding) else { continue }
            odds -= clue.weight
            finding.contradictions += evaluation.observations(node, entity, span, meaning: clue.meaning)
        }
        if found.stretch > 1 {
            odds -= min(log(found.stretch), Self.mostDoubt)
            finding.missing.append(
                Missing(
                    probe: finding.observations.first?.probes.first ?? "",
                    what: "whether \(Int(rule.window)) s had as much as the \(Int(found.stretch * rule.window)) s "
                        + "between two snapshots",
                    state: .unknown))
        }
        finding.confidence = 1 / (1 + exp(-odds))
        return finding
    }

    /// Whether a clue is there; notes what it would need if that cannot be told.
    private func weigh(
        _ node: Plan.Node, _ entity: EntityRegistry.Number, _ span: Range<Int>, _ evaluation: inout Evaluation,
        _ finding: inout Finding
    ) -> Bool {
        let truth = evaluation.truth(node, entity, span)
        if truth == .unknown {
            for one in evaluation.missing(node, entity, span) where !finding.missing.contains(one) {
                finding.missing.append(one)
            }
        }
        return truth == .yes
    }
}
