// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// During which steps each probe ran, as far as the agent's own metrics say.
struct ProbeRuns: Sendable {
    private var steps: [String: Range<Int>] = [:]

    init(_ evidence: Evidence) {
        let history = evidence.history
        guard let number = history.number(of: SelfMetric.probeSuccess.metric) else { return }
        for series in history.series where series.metric == number && series.points.lastValue > 0 {
            steps[series.labels.first ?? ""] = series.points.first..<series.points.end
        }
    }

    /// Whether a probe ran at a step.
    func contain(_ probe: String, _ step: Int) -> Bool { steps[probe]?.contains(step) ?? false }
}
