// SPDX-License-Identifier: Apache-2.0

/// At which steps of a grid a node had a snapshot, where it was away for a while and others were not.
///
/// What its counters grew meanwhile is seen at the step at which it comes back, and is to be divided by all that time.
struct NodeSteps: Sendable {
    /// For each step the last one, itself included, at which the node was there.
    private let last: [Int]

    /// Nil where each step of the grid is one of the node, from its first one on.
    init?(_ history: History, node: String, count: Int) {
        guard let runs = history.presence[node], let first = runs.first, let end = runs.last?.upperBound,
            runs.count > 1 || end < history.endStep
        else { return nil }
        var last = Array(0..<count)
        var known = first.lowerBound
        var position = 0
        for step in max(first.lowerBound, history.firstStep)..<history.endStep {
            while position < runs.count, runs[position].upperBound <= step { position += 1 }
            if position < runs.count, runs[position].contains(step) { known = step }
            last[step - history.firstStep] = max(known - history.firstStep, 0)
        }
        for step in history.times.count..<max(count, history.times.count) {
            last[step] = max(known - history.firstStep, 0)
        }
        self.last = last
    }

    /// The last step until a step at which the node was there.
    func last(_ step: Int) -> Int { last[step] }
}
