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
    /// The condition's tests, what they would need and is not there, and the windows in which it is looked at.
    private let tests: [Int]
    private let missing: [Missing]
    private let windows: [Range<Int>]
    private let supports: [(clue: Clue, node: Plan.Node)]
    private let contradicts: [(clue: Clue, node: Plan.Node)]

    init(_ rule: Rule, _ evaluation: inout Evaluation) {
        self.rule = rule
        condition = evaluation.add(rule.condition)
        tests = evaluation.plan.tests(of: condition)
        missing = evaluation.plan.missing(in: condition)
        windows = evaluation.grid.windows(of: rule.window)
        supports = rule.supports.map { ($0, evaluation.add($0.condition)) }
        contradicts = rule.contradicts.map { ($0, evaluation.add($0.condition)) }
    }

    /// The times in which the condition holds for an entity.
    func findings(_ entity: EntityRegistry.Number, _ evaluation: inout Evaluation) -> [Finding] {
        let steps = evaluation.grid.steps
        guard !steps.isEmpty, evaluation.isPossible(condition, entity, steps) else { return [] }
        var spans: [Range<Int>] = []
        for window in windows where evaluation.truth(condition, entity, window) == .yes {
            if let last = spans.last, window.lowerBound <= last.upperBound {
                spans[spans.count - 1] = last.lowerBound..<window.upperBound
            } else {
                spans.append(window)
            }
        }
        return spans.map { finding(entity, $0, &evaluation) }
    }

    /// What cannot be told of an entity, if anything; without the entity where nothing at all was seen.
    func undecided(_ entity: EntityRegistry.Number, _ evaluation: inout Evaluation) -> Undecided? {
        let steps = evaluation.grid.steps
        guard !steps.isEmpty, !missing.isEmpty, evaluation.truth(condition, entity, steps) == .unknown else {
            return nil
        }
        let seen = evaluation.observations(condition, entity, steps)
        return Undecided(
            rule: rule, subject: seen.isEmpty ? nil : evaluation.evidence.entities[entity], observations: seen,
            missing: missing)
    }

    private func finding(
        _ entity: EntityRegistry.Number, _ span: Range<Int>, _ evaluation: inout Evaluation
    ) -> Finding {
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
            for one in evaluation.plan.missing(in: node) where !finding.missing.contains(one) {
                finding.missing.append(one)
            }
        }
        return truth == .yes
    }
}
