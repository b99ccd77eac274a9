// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
public import SkoopEvidence
import SkoopModel
public import SkoopReport
import SkoopSystem

/// Gathers evidence from some sources, looks for causes in it, and tells them: `skoop analyze`.
public struct Investigation {
    /// How it is told.
    public enum Format: String, Sendable, CaseIterable {
        /// For a terminal.
        case terminal
        /// After `skoop.analysis/1`.
        case json
        /// For tickets and chats.
        case markdown
    }

    /// The sources.
    public var sources: [any EvidenceSource]
    /// The rules.
    public var rules: [Rule]
    /// The time that is looked at, in nanoseconds since 1970; nil for all that the sources have.
    public var range: ClosedRange<UInt64>?
    /// Only what concerns these pods and the nodes; empty for all.
    public var pods: [PodName]

    /// What was found.
    public private(set) var analysis = Analyzer(rules: []).analyze(Evidence())
    /// What it was found in.
    public private(set) var evidence = Evidence()

    /// Makes one; see the properties for the meaning of each argument.
    public init(
        _ sources: [any EvidenceSource], rules: [Rule] = Rule.builtIn, range: ClosedRange<UInt64>? = nil,
        pods: [PodName] = []
    ) {
        self.sources = sources
        self.rules = rules
        self.range = range
        self.pods = pods
    }

    /// Makes one of what a command line asks for.
    ///
    /// - Parameters:
    ///   - sources: the sources.
    ///   - rules: the rules.
    ///   - at: the end of the time, see `Moment` of SkoopEvidence; nil for now.
    ///   - window: how long before that; nil for 15 minutes where a time is needed, else for all that the sources have.
    ///   - pods: only these, as `namespace/name` or `name`; none for all.
    ///   - all: whether all pods are asked for in so many words.
    /// - Throws: where the options do not fit together.
    public init(
        _ sources: [any EvidenceSource], rules: [Rule] = Rule.builtIn, at: String?, window: String?,
        pods: [String] = [],
        all: Bool = false
    ) throws(EvidenceError) {
        if all, !pods.isEmpty { throw EvidenceError("--all", "give it or --pod, not both") }
        if at != nil || window != nil, sources.contains(where: { $0.time == .live }) {
            throw EvidenceError(
                at != nil ? "--at" : "--window",
                "what is watched from now on, by probes or pages of a URL, has no past; leave it out (--for says how long), "
                    + "or give --agent, --recording or --prometheus instead")
        }
        let isAsked =
            sources.contains { $0.time == .asked } && !sources.contains { $0.time == .kept || $0.time == .live }
        let range = try TimeWindow.range(at: at, window: window ?? (isAsked ? "15m" : nil), now: SystemClock.wall)
        self.init(sources, rules: rules, range: range, pods: try Self.podNames(pods))
    }

    /// The pods that a command line names.
    static func podNames(_ texts: [String]) throws(EvidenceError) -> [PodName] {
        var names: [PodName] = []
        for text in texts {
            guard let name = PodName(text) else {
                throw EvidenceError("--pod", "'\(text)' is no pod; allowed is namespace/name or name")
            }
            names.append(name)
        }
        return names
    }

    /// How long before the time that is looked at it is asked what was usual, at most.
    private static let longestLead: UInt64 = 1_800_000_000_000

    /// Gathers and looks.
    ///
    /// A source that fails while others do not is a gap.
    ///
    /// - Throws: the first source's error, when all fail, and when there is nothing of the time that is looked at.
    public mutating func run() throws(EvidenceError) {
        let analyzer = Analyzer(rules: rules)
        var request = EvidenceRequest(analyzer, range: range)
        request.lead = range.map { min($0.upperBound - $0.lowerBound, Self.longestLead) } ?? 0
        evidence = try Evidence(from: sources, request)
        let gaps = evidence.gaps
        evidence.gaps += range.map(missingTimes) ?? []
        evidence.gaps += pods.filter { !isKnown($0) }.map { "there is no evidence of a pod \($0)" }
        analysis = analyzer.analyze(evidence, range: range)
        if let range, analysis.snapshots == 0, analysis.events == 0 { throw emptiness(range, gaps) }
        let pods = pods
        guard !pods.isEmpty else { return }
        analysis = analysis.about { entity in
            pods.contains { $0.matches(namespace: entity.entity.podNamespace, name: entity.entity.podName) }
        }
    }

    private func isKnown(_ pod: PodName) -> Bool {
        evidence.entities.contains { pod.matches(namespace: $0.entity.podNamespace, name: $0.entity.podName) }
    }

    /// The parts of a time before and after all snapshots, where there are any.
    private func missingTimes(_ range: ClosedRange<UInt64>) -> [String] {
        guard let first = evidence.times.first, let last = evidence.times.last else { return [] }
        let slack: UInt64 = 120_000_000_000
        let holes = [
            (range.lowerBound, min(first, range.upperBound)), (max(last, range.lowerBound), range.upperBound),
        ]
        return holes.filter { $1 > $0 + slack }.map {
            "there is no snapshot of \(TimeText.local.range(from: $0, to: $1))"
        }
    }

    private func emptiness(_ range: ClosedRange<UInt64>, _ gaps: [String]) -> EvidenceError {
        func text(_ range: ClosedRange<UInt64>) -> String {
            "\(TimeText.local.range(from: range.lowerBound, to: range.upperBound)) \(TimeText.local.zone(at: range.lowerBound))"
        }
        let there = evidence.range.map { "what was read is of \(text($0))" } ?? "nothing was read"
        let others = gaps.map { "; \($0)" }.joined()
        return EvidenceError("--at, --window", "there is no evidence of \(text(range)); \(there)\(others)")
    }

    /// What was found, in words.
    public func text(_ format: Format, terminal: TerminalReport = TerminalReport()) -> String {
        switch format {
        case .terminal: terminal.text(analysis)
        case .json: JSONReport.text(analysis)
        case .markdown: MarkdownReport().text(analysis)
        }
    }

    /// Writes a page for browsers.
    public func writeHTML(_ path: String) throws(EvidenceError) {
        let page = HTMLReport().text(analysis, evidence)
        do throws(SystemError) {
            try FileContent.write(Array(page.utf8), to: path)
        } catch { throw EvidenceError(path, error.description) }
    }
}
