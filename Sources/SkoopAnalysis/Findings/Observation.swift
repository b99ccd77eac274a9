// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// A value that was looked at, beside its threshold.
public struct Observation: Sendable, Hashable {
    /// Whose value it is.
    public var subject: AnalysedEntity
    /// What was tested.
    public var test: Test
    /// The value; nil where there was none, for example of a gauge that was never there.
    public var value: Double?
    /// The clue's own words; empty for what the rule itself asks for.
    public var meaning: String

    /// Makes an observation.
    public init(subject: AnalysedEntity, test: Test, value: Double?, meaning: String = "") {
        self.subject = subject
        self.test = test
        self.value = value
        self.meaning = meaning
    }

    /// The probes from which the value comes.
    public var probes: [String] {
        var names: [String] = []
        for name in test.quantity.probes where !names.contains(name) { names.append(name) }
        return names
    }
}

extension Quantity {
    /// The probes from which it comes.
    public var probes: [String] {
        if let query { return query.types.map(\.probe) }
        return measures.flatMap { $0.metrics.map(\.probe) }
    }
}

/// Evidence that could not be had.
public struct Missing: Sendable, Hashable {
    /// The probe that would have shown it.
    public var probe: String
    /// What it would have shown: a metric, an event or a baseline.
    public var what: String
    /// Why it did not.
    public var state: ProbeState

    /// Makes a piece of missing evidence.
    public init(probe: String, what: String, state: ProbeState) {
        self.probe = probe
        self.what = what
        self.state = state
    }
}
