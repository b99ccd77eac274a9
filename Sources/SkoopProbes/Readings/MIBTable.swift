// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// The wanted SNMP counters of all namespaces, one row per namespace.
public struct MIBTable: Sendable {
    /// The counters, the columns.
    public let counters: [MIBCounter]
    /// Whether the running kernel has each column.
    public var available: [Bool]
    /// The namespaces, the rows.
    public var namespaces: [NamespaceID]
    /// Row by row, `counters.count` values each.
    public var values: [UInt64]

    /// Positions in `values` of what could not be read, although the kernel has the column; empty as a rule.
    public var lost: Set<Int> = []

    /// Makes an empty table of the given columns.
    public init(counters: [MIBCounter]) {
        self.counters = counters
        self.available = Array(repeating: false, count: counters.count)
        self.namespaces = []
        self.values = []
    }

    /// The value of a column in a row; `nil` where the kernel does not have it or it could not be read.
    public func value(_ row: Int, _ column: Int) -> UInt64? {
        let position = row * counters.count + column
        guard available[column], lost.isEmpty || !lost.contains(position) else { return nil }
        return values[position]
    }
}
