// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis

/// How good verdicts are, taken together.
public struct Accuracy: Sendable {
    /// The verdicts.
    public var verdicts: [Verdict]

    /// Sums verdicts up.
    public init(_ verdicts: [Verdict]) { self.verdicts = verdicts }

    private var right: Int { verdicts.reduce(0) { $0 + $1.right.count } }
    private var missed: Int { verdicts.reduce(0) { $0 + $1.missed.count } }
    private var wrong: Int { verdicts.reduce(0) { $0 + $1.wrong.count } }

    /// The share of causes that was found.
    public var recall: Double { share(right, of: right + missed) }
    /// The share of findings that is right.
    public var precision: Double { share(right, of: right + wrong) }
    /// The share of scenarios in which the first finding is right, or rightly none is.
    public var top1: Double { share(verdicts.count(where: \.isFirstRight), of: verdicts.count) }
    /// Those that could not be played.
    public var problems: [Verdict] { verdicts.filter { $0.problem != nil } }

    /// Whether they are good enough.
    public var isGood: Bool { problems.isEmpty && recall >= 0.95 && precision >= 0.95 && top1 >= 0.9 }

    /// What stands in the documentation.
    public func document(seed: UInt64, rounds: Int) -> String {
        """
        # How good the cases are

        Measured by `make accuracy`, which plays labelled scenarios in network namespaces: a fault, two at once, or \
        something harmless happens for real, the probes watch the kernel, and the rules say what it was. Ports, loads, \
        durations, lengths, topologies and the version of IP follow from a seed that is printed and new in every run; this \
        is seed \(seed), \(rounds) rounds.

        \(markdown)
        A finding counts as wrong when it is not a cause of the scenario, and a cause as missed when no finding names it; \
        what is found as a consequence of another finding counts neither way. What the node itself shows counts where a \
        scenario changes the whole machine; of a node with which nothing is wrong it counts only as far as it does not \
        depend on what the machine does besides: its backlogs, softirqs, virtio cards and connection tracking, not its CPUs \
        and disks. While the machine has more to do than twice its CPUs, waits for a CPU count only in scenarios about them.

        \(Self.unplayed)

        """
    }

    /// The cases that no scenario makes real, with what is known of them instead.
    private static var unplayed: String {
        let played = Set(LabScenario.all.flatMap(\.causes))
        let others = Rule.cases.filter { !played.contains($0.rule.id) }.sorted { $0.rule.id < $1.rule.id }
        guard !others.isEmpty else { return "Every case has a scenario." }
        let lines = others.map { "- `\($0.rule.id)`: \($0.reproduction)" }
        return "\(others.count) of \(Rule.cases.count) cases are the label of no scenario. Where servers are watched, "
            + "what they show has its cause in another case, and scenarios are labelled by that; or no namespace "
            + "can make it:\n\n" + lines.joined(separator: "\n")
    }

    private func share(_ part: Int, of whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 1 }

    /// One line of figures.
    public var summary: String {
        "\(verdicts.count) scenarios, \(right + missed) causes: recall \(percent(recall)), precision \(percent(precision)), "
            + "right cause first \(percent(top1))"
    }

    /// The figures and the confusion table in Markdown: what each scenario was found to be, and how often.
    public var markdown: String {
        var text = "\(summary).\n\n| Scenario | Causes | Found | Right |\n|---|---|---|---|\n"
        let groups = Dictionary(grouping: verdicts, by: \.scenario.name).sorted { $0.key < $1.key }
        for (name, verdicts) in groups {
            var counts: [String: Int] = [:]
            for verdict in verdicts {
                for id in verdict.found.isEmpty ? ["nothing"] : verdict.found { counts[id, default: 0] += 1 }
            }
            let found = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { verdicts.count > 1 ? "\($0.key) ×\($0.value)" : $0.key }
            let causes = verdicts[0].scenario.causes
            text += "| \(name) | \(causes.isEmpty ? "none" : causes.joined(separator: ", ")) | "
            text += "\(found.joined(separator: ", ")) | \(verdicts.count(where: \.isRight)) of \(verdicts.count) |\n"
        }
        return text
    }
}
