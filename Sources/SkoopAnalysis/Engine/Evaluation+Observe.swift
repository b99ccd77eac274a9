// SPDX-License-Identifier: Apache-2.0

extension Evaluation {
    /// The values behind a condition that holds: those of its tests that hold.
    mutating func observations(
        _ condition: Condition, _ entity: EntityRegistry.Number, _ window: Range<Int>, meaning: String = ""
    ) -> [Observation] {
        switch condition {
        case .test(let test):
            guard missing(test.quantity).isEmpty else { return [] }
            var found: [Observation] = []
            for subject in subjects(test.subject, of: entity) {
                let value = value(test.quantity, subject, window)
                guard let value, test.comparison.holds(value, test.bound) else { continue }
                found.append(
                    Observation(subject: evidence.entities[subject], test: test, value: value, meaning: meaning))
            }
            return found
        case .all(let conditions), .any(let conditions), .atLeast(_, let conditions):
            var found: [Observation] = []
            for condition in conditions where truth(condition, entity, window) == .yes {
                found += observations(condition, entity, window, meaning: meaning)
            }
            return found
        case .not(let condition):
            return condition.tests.filter { $0.subject == .entity || $0.subject == .node }.compactMap { test in
                guard missing(test.quantity).isEmpty, let subject = subjects(test.subject, of: entity).first else {
                    return nil
                }
                return Observation(
                    subject: evidence.entities[subject], test: test, value: value(test.quantity, subject, window),
                    meaning: meaning)
            }
        }
    }

    /// What the tests of a condition that cannot be decided would need.
    mutating func missing(in condition: Condition) -> [Missing] {
        var missing: [Missing] = []
        for test in condition.tests {
            for one in self.missing(test.quantity) where !missing.contains(one) { missing.append(one) }
        }
        return missing
    }

    /// Whether anything that a condition asks for happened in this very step, so that the borders of a time in which it
    /// holds can be drawn closely.
    mutating func contributes(_ condition: Condition, _ entity: EntityRegistry.Number, _ step: Int) -> Bool {
        let window = step..<step + 1
        for test in condition.tests where test.comparison.grows && missing(test.quantity).isEmpty {
            for subject in subjects(test.subject, of: entity) {
                let value = value(test.quantity, subject, window) ?? 0
                switch test.quantity {
                case .increase, .rate, .above, .events: if value > 0 { return true }
                case .level, .ratio, .fill, .change, .quantile, .shareAbove:
                    if test.comparison.holds(value, test.bound) { return true }
                }
            }
        }
        return false
    }
}
