// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Which questions of users a rule answers.
public enum Guide: String, Sendable, Hashable, CaseIterable {
    /// Names are not resolved, or slowly.
    case dns
    /// Proxies answer 499, 502, 503 or 504; connections fail.
    case http
    /// Connections are reset.
    case reset
    /// Now and then something takes long.
    case jitter
    /// Packets get lost.
    case loss
    /// Something is used up: ports, memory, table entries.
    case capacity
}

/// A piece of evidence that makes a cause more or less likely.
public struct Clue: Sendable, Hashable {
    /// When it is there.
    public var condition: Condition
    /// How much it weighs: 1 makes the cause about three times as likely, or a third.
    public var weight: Double
    /// What it says, in words.
    public var meaning: String

    /// Makes a clue.
    public init(_ condition: Condition, weight: Double = 1, _ meaning: String) {
        self.condition = condition
        self.weight = weight
        self.meaning = meaning
    }
}

/// One cause and how it shows.
public struct Rule: Sendable, Hashable, Identifiable {
    /// To which entities a rule is applied.
    public enum Scope: String, Sendable, Hashable, CaseIterable {
        /// Pods, containers, other namespaces and the node's own.
        case entities
        /// Only the node, for what the kernel counts once for the whole machine.
        case node
    }

    /// The name in short, for example `listen-overflow`.
    public var id: String
    /// Which questions it answers.
    public var guides: [Guide]
    /// To which entities it is applied.
    public var scope: Scope
    /// What users notice.
    public var symptom: String
    /// The cause, as a sentence of which the entity is the subject of interest.
    public var cause: String
    /// Over how many seconds its conditions are looked at together.
    public var window: Double
    /// What must be there.
    public var condition: Condition
    /// How likely the cause is when the condition holds and nothing else is known, between 0 and 1.
    public var confidence: Double
    /// What makes it more likely.
    public var supports: [Clue]
    /// What speaks against it.
    public var contradicts: [Clue]
    /// Rules whose findings are consequences of this cause, when they come together.
    public var explains: [String]
    /// What to do.
    public var advice: [String]
    /// What to look at next, to be sure.
    public var checks: [String]
    /// Where more is written.
    public var references: [String]

    /// Makes a rule; see the properties for the meaning of each argument.
    public init(
        _ id: String, guides: [Guide], scope: Scope = .entities, symptom: String, cause: String, window: Double = 60,
        when condition: Condition, confidence: Double = 0.8, supports: [Clue] = [], contradicts: [Clue] = [],
        explains: [String] = [], advice: [String], checks: [String] = [], references: [String] = []
    ) {
        self.id = id
        self.guides = guides
        self.scope = scope
        self.symptom = symptom
        self.cause = cause
        self.window = window
        self.condition = condition
        self.confidence = confidence
        self.supports = supports
        self.contradicts = contradicts
        self.explains = explains
        self.advice = advice
        self.checks = checks
        self.references = references
    }

    /// All tests of the rule.
    public var tests: [Test] {
        condition.tests + (supports + contradicts).flatMap(\.condition.tests)
    }

    /// The metrics that the rule asks for.
    public var metrics: Set<Metric> { Set(tests.flatMap { $0.quantity.measures.flatMap(\.metrics) }) }

    /// The types of events that the rule asks for.
    public var events: Set<EventType> {
        Set(
            tests.flatMap { test -> [EventType] in
                test.quantity.query?.types ?? []
            })
    }
}
