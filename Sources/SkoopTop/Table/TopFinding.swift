// SPDX-License-Identifier: Apache-2.0

/// A cause that was found, as far as a table shows it.
public struct TopFinding: Sendable, Hashable {
    /// To whom it happened.
    public var entity: TopEntity
    /// The rule's id: `listen-overflow`.
    public var rule: String
    /// What is seen, and why: one sentence.
    public var text: String
    /// What to do.
    public var advice: [String]
    /// From 0 to 1.
    public var confidence: Double
    /// When it was seen last, in nanoseconds since 1970.
    public var time: UInt64
    /// Whether it is still seen.
    public var isOpen: Bool

    /// Makes one; see the properties for the meaning of each argument.
    public init(
        entity: TopEntity, rule: String, text: String, advice: [String] = [], confidence: Double, time: UInt64,
        isOpen: Bool
    ) {
        self.entity = entity
        self.rule = rule
        self.text = text
        self.advice = advice
        self.confidence = confidence
        self.time = time
        self.isOpen = isOpen
    }

    /// Whether it is to be told before another: what is still seen, the latest, the most certain.
    func comes(before other: TopFinding) -> Bool {
        if isOpen != other.isOpen { return isOpen }
        if time != other.time { return time > other.time }
        return (confidence, other.rule) > (other.confidence, rule)
    }
}
