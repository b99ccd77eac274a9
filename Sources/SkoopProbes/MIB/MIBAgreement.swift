// SPDX-License-Identifier: Apache-2.0
internal import SkoopModel

/// Compares what the one pass and `/proc` say of the same namespace.
enum MIBAgreement {
    /// Which counters both have.
    ///
    /// What `/proc` shows must lie between a pass made before it and one made after it. A column that `/proc` does not
    /// show is dropped from the pass too, so that both sources yield the same metrics.
    ///
    /// - Throws: the first counter that differs.
    static func check(_ shown: MIBTable, before: MIBTable, after: MIBTable) throws(ProbeError) -> [Bool] {
        guard let namespace = shown.namespaces.first,
            let earlier = before.namespaces.firstIndex(of: namespace),
            let later = after.namespaces.firstIndex(of: namespace)
        else { throw ProbeError(.unreadable, "the one pass and /proc/net cannot be compared for the own namespace") }
        for column in shown.counters.indices where shown.available[column] && before.available[column] {
            let counter = shown.counters[column]
            guard let value = shown.value(0, column), let low = before.value(earlier, column),
                let high = after.value(later, column)
            else { continue }
            // A level such as CurrEstab may have fallen between the passes.
            guard value >= min(low, high), value <= max(low, high) else {
                throw ProbeError(
                    .unsupportedKernel,
                    "the one pass reads \(counter.table.rawValue) \(counter.field) as \(high), "
                        + "/proc/net/\(counter.table.file) shows \(value)")
            }
        }
        return shown.counters.indices.map { shown.available[$0] && before.available[$0] }
    }
}
