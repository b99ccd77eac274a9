// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopEvents
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
    /// Only what concerns these pods, as `namespace/name` or `name`; empty for all.
    public var pods: [String]

    /// What was found.
    public private(set) var analysis = Analyzer(rules: []).analyze(Evidence())
    /// What it was found in.
    public private(set) var evidence = Evidence()

    /// Makes one; see the properties for the meaning of each argument.
    public init(
        _ sources: [any EvidenceSource], rules: [Rule] = Rule.builtIn, range: ClosedRange<UInt64>? = nil,
        pods: [String] = []
    ) {
        self.sources = sources
        self.rules = rules
        self.range = range
        self.pods = pods
    }

    /// Gathers and looks.
    ///
    /// A source that fails while others do not is a gap.
    ///
    /// - Throws: the first source's error, when all fail.
    public mutating func run() throws(EvidenceError) {
        let analyzer = Analyzer(rules: rules)
        evidence = try Evidence(from: sources, EvidenceRequest(analyzer, range: range))
        if let range, !(evidence.range.map { range.overlaps($0) } ?? false) {
            evidence.gaps.append("there is no evidence of the time that was asked for")
        }
        analysis = analyzer.analyze(evidence, range: range)
        guard !pods.isEmpty else { return }
        let wanted = pods.map { EventFilter.Pod($0) }
        analysis = analysis.about { entity in
            wanted.contains { pod in
                pod.name == entity.entity.podName && (pod.namespace.map { $0 == entity.entity.podNamespace } ?? true)
            }
        }
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
