// SPDX-License-Identifier: Apache-2.0

extension Evaluation {
    /// The values behind a condition that holds: those of its tests that hold, and of what must not hold all of them.
    mutating func observations(
        _ node: Plan.Node, _ entity: EntityRegistry.Number, _ window: Range<Int>, meaning: String = ""
    ) -> [Observation] {
        switch node {
        case .test(let position):
            let check = plan.checks[position]
            guard check.isDecidable else { return [] }
            return subjects(check.subject, of: entity).compactMap { subject in
                let value = value(check.reading, subject, window)
                guard let value, check.comparison.holds(value, check.bound) else { return nil }
                return Observation(
                    subject: evidence.entities[subject], test: plan.tests[position], value: value, meaning: meaning)
            }
        case .all(let nodes), .atLeast(_, let nodes):
            var found: [Observation] = []
            for node in nodes where truth(node, entity, window) == .yes {
                found += observations(node, entity, window, meaning: meaning)
            }
            return found
        case .not(let node):
            return plan.tests(of: node).compactMap { position in
                let check = plan.checks[position]
                guard check.isDecidable, let subject = subjects(check.subject, of: entity).first else { return nil }
                return Observation(
                    subject: evidence.entities[subject], test: plan.tests[position],
                    value: value(check.reading, subject, window), meaning: meaning)
            }
        }
    }

    /// Whether anything that a condition asks for happened in this very step, so that the borders of a time in which it
    /// holds can be drawn closely.
    mutating func contributes(_ tests: [Int], _ entity: EntityRegistry.Number, _ step: Int) -> Bool {
        let window = step..<step + 1
        for position in tests {
            let check = plan.checks[position]
            guard check.comparison.grows, check.isDecidable else { continue }
            for subject in subjects(check.subject, of: entity) {
                let value = value(check.reading, subject, window) ?? 0
                switch check.reading {
                case .increase, .rate, .above, .events, .lasting: if value > 0 { return true }
                case .level, .ratio, .fill, .change, .quantile, .shareAbove:
                    if check.comparison.holds(value, check.bound) { return true }
                }
            }
        }
        return false
    }
}
