// SPDX-License-Identifier: Apache-2.0
public import SkoopProbes

/// What is known of the collections so far.
public struct CollectorStatus: Sendable, Hashable {
    /// Collections that were finished.
    public var collections: UInt64 = 0
    /// How long the last one took.
    public var duration: Duration = .zero
    /// How long the last inventory took; `nil` when the last one was not finished in time.
    public var inventoryDuration: Duration?
    /// Why the last inventory is an older one, or missing.
    public var inventoryError: ProbeError?
    /// Namespaces of the last collection.
    public var namespaces = 0
    /// Entities of the last collection.
    public var entities = 0
    /// Series of the last collection, without the agent's own.
    public var series = 0
    /// Series cut so far to keep the limits, by metric name.
    public var cut: [String: UInt64] = [:]

    /// Makes the status before the first collection.
    public init() {}
}
