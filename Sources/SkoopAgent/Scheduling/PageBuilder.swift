// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopModel
import SkoopProbes

/// Puts a page together: refuses the probes that would spoil it and cuts what exceeds the limits.
struct PageBuilder {
    private(set) var families: [Family] = []
    /// The families of each probe, as a range of ``families``.
    private var parts: [Range<Int>] = []
    private var seriesGuard: SeriesGuard
    private let bucketStep: Int

    /// Starts a page; `seriesGuard` is reused from the last one for its memory.
    init(entities: EntityTable, seriesGuard: SeriesGuard, bucketStep: Int = 1) {
        self.seriesGuard = seriesGuard
        self.bucketStep = bucketStep
        self.seriesGuard.begin(entities)
    }

    /// Adds what one probe delivered, all of it or nothing.
    ///
    /// - Returns: why nothing.
    mutating func add(_ outcome: ProbeRunner.Outcome) -> ProbeError? {
        let start = families.count
        defer { parts.append(start..<families.count) }
        switch outcome {
        case .success(let delivered):
            if let problem = seriesGuard.problems(in: delivered).first {
                return ProbeError(.malformed, problem.description)
            }
            families += delivered.map { $0.merging(buckets: bucketStep) }
            return nil
        case .failure(let error): return error
        }
    }

    /// Cuts what exceeds the limits.
    ///
    /// - Returns: the series that each probe has left, and how many were cut, by metric name.
    mutating func apply(
        _ limits: Configuration.Limits, compatNames: CompatNames
    ) -> (series: [Int], cut: [String: UInt64]) {
        let limits = SeriesLimits(perFamily: limits.seriesPerFamily, total: limits.series)
        var cut: [String: UInt64] = [:]
        for part in limits.apply(to: &families, compatNames: compatNames) { cut[part.family] = UInt64(part.count) }
        return (parts.map { part in families[part].reduce(0) { $0 + $1.count * $1.seriesPerRow } }, cut)
    }

    /// Adds the agent's own families, which no limit cuts.
    ///
    /// - Returns: the page, and the guard to be used again.
    consuming func finish(adding own: [Family]) -> (families: [Family], seriesGuard: SeriesGuard) {
        for family in own where seriesGuard.problems(in: [family]).isEmpty { families.append(family) }
        return (families.filter { $0.count > 0 }, seriesGuard)
    }
}
