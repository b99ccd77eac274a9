// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// During which steps each probe of a node ran, as far as the agent's own metrics say.
struct ProbeRuns: Sendable {
    private struct Key: Hashable {
        var node: String
        var probe: String
    }

    private var steps: [Key: Range<Int>] = [:]

    init(_ evidence: Evidence) {
        let history = evidence.history
        guard let number = history.number(of: SelfMetric.probeSuccess.metric) else { return }
        let all = history.series
        for position in all.indices where all[position].metric == number && all[position].points.lastValue > 0 {
            let series = all[position]
            let key = Key(node: evidence.entities[series.entity].node, probe: series.labels.first ?? "")
            steps[key] = series.points.first..<series.points.end
        }
    }

    /// Whether a probe ran at a step.
    func contain(_ probe: String, of node: String, _ step: Int) -> Bool {
        steps[Key(node: node, probe: probe)]?.contains(step) ?? false
    }
}
