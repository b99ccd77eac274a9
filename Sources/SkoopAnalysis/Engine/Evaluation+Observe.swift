// SPDX-License-Identifier: Apache-2.0
import SkoopModel

extension Evaluation {
    /// The values behind a condition that holds: those of its tests that hold, and of what must not hold all of them.
    mutating func observations(
        _ node: Plan.Node, _ entity: EntityRegistry.Number, _ window: Range<Int>, meaning: String = ""
    ) -> [Observation] {
        switch node {
        case .test(let position):
            let check = plan.checks[position]
            return subjects(check.subject, of: entity).compactMap { subject in
                guard isDecidable(position, subject) else { return nil }
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
                guard let subject = subjects(check.subject, of: entity).first, isDecidable(position, subject) else {
                    return nil
                }
                return Observation(
                    subject: evidence.entities[subject], test: plan.tests[position],
                    value: value(check.reading, subject, window), meaning: meaning)
            }
        }
    }

    /// What tests of a condition that cannot be decided would need.
    mutating func missing(_ node: Plan.Node, _ entity: EntityRegistry.Number, _ window: Range<Int>) -> [Missing] {
        let number = self.node(of: entity)
        var missing = plan.missing(in: node, on: number)
        guard plan.compares(node) else { return missing }
        for position in plan.tests(of: node) {
            let check = plan.checks[position]
            for subject in subjects(check.subject, of: entity) where lacksBaseline(check.reading, subject, window) {
                guard let measure = plan.tests[position].quantity.measures.first else { continue }
                let one = Missing(
                    probe: measure.metrics.first?.probe ?? "",
                    what: "a baseline of \(measure.name), \(Track.leastSteps) snapshots before,", state: .unknown)
                if !missing.contains(one) { missing.append(one) }
            }
        }
        return missing
    }

    /// Whether anything that a condition asks for happened in this very step, so that the borders of a time in which it
    /// holds can be drawn closely.
    mutating func contributes(_ tests: [Int], _ entity: EntityRegistry.Number, _ step: Int) -> Bool {
        let window = step..<step + 1
        for position in tests {
            let check = plan.checks[position]
            guard check.comparison.grows else { continue }
            for subject in subjects(check.subject, of: entity) where isDecidable(position, subject) {
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
