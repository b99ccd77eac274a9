// SPDX-License-Identifier: Apache-2.0

/// Whose values a test looks at.
public enum Subject: String, Sendable, Hashable, CaseIterable {
    /// The entity that the rule is applied to.
    case entity
    /// The node it is on.
    case node
    /// Any of those it talks to, as far as events and flows name them.
    case peer
    /// Any of those it asks for names.
    case resolver
}

/// What is computed from the evidence of a window.
public enum Quantity: Sendable, Hashable {
    /// How a level is summed up over the window.
    public enum Aggregation: String, Sendable, Hashable, CaseIterable {
        /// The largest, the smallest, the mean, or the last value.
        case maximum, minimum, mean, last
    }

    /// How much a counter grew; of a histogram, how many observations came.
    case increase(Measure)
    /// How much it grew per second.
    case rate(Measure)
    /// A gauge.
    case level(Measure, Aggregation)
    /// The increase of one counter divided by that of another; 0 where nothing grew.
    case ratio(Measure, Measure)
    /// The largest quotient of two gauges at one moment; 0 where the second is 0.
    case fill(Measure, Measure)
    /// The mean rate or level divided by the entity's own median before the window. 1 where it differs by less than its
    /// usual spread; a median below the floor counts as the floor.
    case change(Measure, floor: Double)
    /// A quantile of a histogram's observations in the window, in the unit of the metric: the upper bound of its bucket.
    case quantile(Measure, Double)
    /// How many of a histogram's observations were in buckets that begin at or above a bound, in the unit of the metric.
    case above(Measure, Double)
    /// The share of those among all observations.
    case shareAbove(Measure, Double)
    /// How many events there were.
    case events(EventQuery)
    /// How many seconds lie between the first and the last of them: what is over at once is often no fault.
    case lasting(EventQuery)
}

/// A quantity of a subject compared with a bound.
public struct Test: Sendable, Hashable {
    /// How it is compared.
    public enum Comparison: String, Sendable, Hashable, CaseIterable {
        /// At least the bound.
        case atLeast = ">="
        /// At most the bound.
        case atMost = "<="
        /// More than the bound.
        case above = ">"
        /// Less than the bound.
        case below = "<"

        func holds(_ value: Double, _ bound: Double) -> Bool {
            switch self {
            case .atLeast: value >= bound
            case .atMost: value <= bound
            case .above: value > bound
            case .below: value < bound
            }
        }

        /// Whether more of something makes it true rather than false.
        var grows: Bool { self == .atLeast || self == .above }
    }

    /// What is compared.
    public var quantity: Quantity
    /// How.
    public var comparison: Comparison
    /// With what.
    public var bound: Double
    /// Whose.
    public var subject: Subject

    /// Makes a test.
    public init(_ quantity: Quantity, _ comparison: Comparison, _ bound: Double, of subject: Subject = .entity) {
        self.quantity = quantity
        self.comparison = comparison
        self.bound = bound
        self.subject = subject
    }
}

/// When a rule, or a piece of its evidence, holds.
public indirect enum Condition: Sendable, Hashable {
    /// One test.
    case test(Test)
    /// All hold.
    case all([Condition])
    /// One holds at least.
    case any([Condition])
    /// So many of them hold.
    case atLeast(Int, [Condition])
    /// It does not hold.
    case not(Condition)

    /// The tests in it.
    public var tests: [Test] {
        switch self {
        case .test(let test): [test]
        case .all(let conditions), .any(let conditions), .atLeast(_, let conditions): conditions.flatMap(\.tests)
        case .not(let condition): condition.tests
        }
    }

    /// The same of another subject.
    public func of(_ subject: Subject) -> Condition {
        switch self {
        case .test(var test):
            test.subject = subject
            return .test(test)
        case .all(let conditions): return .all(conditions.map { $0.of(subject) })
        case .any(let conditions): return .any(conditions.map { $0.of(subject) })
        case .atLeast(let count, let conditions): return .atLeast(count, conditions.map { $0.of(subject) })
        case .not(let condition): return .not(condition.of(subject))
        }
    }

    /// Both hold.
    public static func && (one: Condition, other: Condition) -> Condition { .all([one, other]) }

    /// One of them holds at least.
    public static func || (one: Condition, other: Condition) -> Condition { .any([one, other]) }

    /// It does not hold.
    public static prefix func ! (condition: Condition) -> Condition { .not(condition) }
}

extension Quantity {
    /// At least a bound.
    public static func >= (quantity: Quantity, bound: Double) -> Condition { .test(Test(quantity, .atLeast, bound)) }
    /// At most a bound.
    public static func <= (quantity: Quantity, bound: Double) -> Condition { .test(Test(quantity, .atMost, bound)) }
    /// More than a bound.
    public static func > (quantity: Quantity, bound: Double) -> Condition { .test(Test(quantity, .above, bound)) }
    /// Less than a bound.
    public static func < (quantity: Quantity, bound: Double) -> Condition { .test(Test(quantity, .below, bound)) }

    /// The query whose events it is computed from.
    public var query: EventQuery? {
        switch self {
        case .events(let query), .lasting(let query): query
        default: nil
        }
    }

    /// The measures it is computed from.
    public var measures: [Measure] {
        switch self {
        case .increase(let measure), .rate(let measure), .level(let measure, _), .change(let measure, _),
            .quantile(let measure, _), .above(let measure, _), .shareAbove(let measure, _):
            [measure]
        case .ratio(let measure, let other), .fill(let measure, let other): [measure, other]
        case .events, .lasting: []
        }
    }
}
