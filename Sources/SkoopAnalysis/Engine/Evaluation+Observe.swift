// SPDX-License-Identifier: Apache-2.0

extension Evaluation {
    /// The values behind a condition that holds: those of its tests that hold, and of what must not hold all of them.
    mutating func observations(
        _ node: Plan.Node, _ entity: EntityRegistry.Number, _ window: Range<Int>, meaning: String = ""
    ) -> [Observation] {
        switch node {
        case .test(let position):
            let step = plan.tests[position]
            guard step.missing.isEmpty else { return [] }
            return subjects(step.test.subject, of: entity).compactMap { subject in
                let value = value(step.reading, subject, window)
                guard let value, step.test.comparison.holds(value, step.test.bound) else { return nil }
                return Observation(
                    subject: evidence.entities[subject], test: step.test, value: value, meaning: meaning)
            }
        case .all(let nodes), .atLeast(_, let nodes):
            var found: [Observation] = []
            for node in nodes where truth(node, entity, window) == .yes {
                found += observations(node, entity, window, meaning: meaning)
            }
            return found
        case .not(let node):
            return plan.tests(of: node).compactMap { position in
                let step = plan.tests[position]
                guard step.missing.isEmpty, let subject = subjects(step.test.subject, of: entity).first else {
                    return nil
                }
                return Observation(
                    subject: evidence.entities[subject], test: step.test,
                    value: value(step.reading, subject, window), meaning: meaning)
            }
        }
    }

    /// What the tests of a condition that cannot be decided would need.
    func missing(in node: Plan.Node) -> [Missing] {
        var missing: [Missing] = []
        for position in plan.tests(of: node) {
            for one in plan.tests[position].missing where !missing.contains(one) { missing.append(one) }
        }
        return missing
    }

    /// Whether anything that a condition asks for happened in this very step, so that the borders of a time in which it
    /// holds can be drawn closely.
    mutating func contributes(_ node: Plan.Node, _ entity: EntityRegistry.Number, _ step: Int) -> Bool {
        let window = step..<step + 1
        for position in plan.tests(of: node) {
            let (test, reading) = (plan.tests[position].test, plan.tests[position].reading)
            guard test.comparison.grows, plan.tests[position].missing.isEmpty else { continue }
            for subject in subjects(test.subject, of: entity) {
                let value = value(reading, subject, window) ?? 0
                switch reading {
                case .increase, .rate, .above, .events, .lasting: if value > 0 { return true }
                case .level, .ratio, .fill, .change, .quantile, .shareAbove:
                    if test.comparison.holds(value, test.bound) { return true }
                }
            }
        }
        return false
    }
}
