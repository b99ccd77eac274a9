// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// What one round of all probes gave.
public struct Collection: Sendable {
    /// The page: the probes' families in the configured order, then the agent's own.
    public var snapshot: Snapshot
    /// Counts up from 1.
    public var number: UInt64
    /// How many series were cut to keep the limits, by metric name.
    public var cut: [String: UInt64]

    /// Makes one.
    public init(snapshot: Snapshot, number: UInt64, cut: [String: UInt64] = [:]) {
        self.snapshot = snapshot
        self.number = number
        self.cut = cut
    }
}
