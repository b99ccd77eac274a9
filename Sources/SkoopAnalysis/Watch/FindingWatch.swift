// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Follows findings from one analysis to the next, so that a cause that comes and goes is one finding with a begin and
/// an end rather than many.
///
/// A finding begins as soon as an analysis has it with a fair confidence, and ends when none has had it for a while, or when
/// it turns out to be the consequence of another; as long as it was one lately, it does not begin again.
public struct FindingWatch: Sendable {
    /// What an analysis changed.
    public enum Change: Sendable, Hashable {
        /// A cause is seen that was not there before.
        case begun(Finding)
        /// A cause has not been seen for a while, or is explained by another now.
        case ended(Finding)
    }

    private struct Key: Hashable {
        var rule: String
        var node: String
        var place: NamespaceID
        /// Empty of what has no name yet.
        var name: String

        init(_ finding: Finding) {
            rule = finding.rule.id
            node = finding.subject.node
            place = finding.subject.entity.namespace
            name = finding.subject.entity.kind == .unknown && place.rawValue != 0 ? "" : finding.subject.name
        }

        /// The same before the entity had learnt its name.
        var unnamed: Key {
            var key = self
            if place.rawValue != 0 { key.name = "" }
            return key
        }
    }

    private struct Entry: Sendable {
        var finding: Finding
        /// The time of the last analysis that had it.
        var seen: UInt64
    }

    /// From which confidence on a finding begins.
    public static let leastConfidence = 0.5

    /// For how long it must not be seen to end, in nanoseconds.
    public var patience: UInt64
    /// How many that have ended are kept.
    public let kept: Int
    private var entries: [Key: Entry] = [:]
    /// When those that are consequences of others were seen as such last.
    private var explained: [Key: UInt64] = [:]
    /// Those that have ended, the latest first.
    public private(set) var ended: [Finding] = []

    /// Starts with nothing.
    ///
    /// - Parameters:
    ///   - patience: for how long a finding must not be seen to end, in nanoseconds.
    ///   - kept: how many that have ended are kept.
    public init(patience: UInt64 = 120_000_000_000, kept: Int = 200) {
        self.patience = patience
        self.kept = kept
    }

    /// Those that are there now, the most certain first.
    public var open: [Finding] {
        entries.values.map(\.finding).sorted {
            ($0.confidence, $1.from, $1.rule.id) > ($1.confidence, $0.from, $0.rule.id)
        }
    }

    /// Takes what an analysis says.
    ///
    /// - Parameters:
    ///   - analysis: of a time that reaches until now, and back far enough to overlap with the last one.
    ///   - now: in nanoseconds since 1970.
    public mutating func update(_ analysis: Analysis, now: UInt64) -> [Change] {
        var changes: [Change] = []
        let consequences = analysis.findings.flatMap(\.consequences)
        for finding in analysis.findings + consequences { rename(Key(finding)) }
        explained = explained.filter { $0.value + patience > now }
        for finding in consequences {
            end(Key(finding), &changes)
            explained[Key(finding)] = now
        }
        for finding in analysis.findings {
            let key = Key(finding)
            if var entry = entries[key] {
                entry.finding = entry.finding.joined(with: finding)
                entry.seen = now
                entries[key] = entry
            } else if finding.confidence >= Self.leastConfidence, explained[key] == nil, !isOver(key, finding) {
                entries[key] = Entry(finding: finding, seen: now)
                changes.append(.begun(finding))
            }
        }
        for (key, entry) in entries where entry.seen + patience <= now { end(key, &changes) }
        return changes
    }

    /// Ends the findings of rules that are there no more.
    ///
    /// - Parameter rules: the identifiers of those that are.
    public mutating func keep(_ rules: Set<String>) -> [Change] {
        var changes: [Change] = []
        for key in entries.keys where !rules.contains(key.rule) { end(key, &changes) }
        explained = explained.filter { rules.contains($0.key.rule) }
        return changes
    }

    /// An entity may learn its name while a finding of it is there.
    private mutating func rename(_ key: Key) {
        guard key != key.unnamed, entries[key] == nil, let entry = entries.removeValue(forKey: key.unnamed) else {
            return
        }
        entries[key] = entry
    }

    /// Whether the finding is one that has ended already and is still in the time that is looked at.
    private func isOver(_ key: Key, _ finding: Finding) -> Bool {
        ended.contains { (Key($0) == key || Key($0) == key.unnamed) && $0.to >= finding.to }
    }

    private mutating func end(_ key: Key, _ changes: inout [Change]) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        ended.insert(entry.finding, at: 0)
        if ended.count > kept { ended.removeLast(ended.count - kept) }
        changes.append(.ended(entry.finding))
    }
}

extension Finding {
    /// The same over a longer time: the proof of the analysis that was the more certain.
    fileprivate func joined(with later: Finding) -> Finding {
        var joined = later.confidence >= confidence ? later : self
        joined.subject = later.subject
        joined.from = min(from, later.from)
        joined.to = max(to, later.to)
        joined.consequences = later.consequences.isEmpty ? consequences : later.consequences
        return joined
    }
}
