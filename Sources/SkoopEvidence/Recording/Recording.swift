// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopModel

/// Evidence that was recorded in a file, see ``RecordingWriter``; `-` is standard input.
///
/// Of a file that was cut off or damaged, what can be read is there, and the gaps say what is not.
public struct Recording: EvidenceSource {
    /// The file.
    public var path: String

    /// Makes a source of a file.
    public init(_ path: String) { self.path = path }

    /// Adds everything that can be read.
    public func add(to evidence: inout Evidence, _ request: EvidenceRequest) throws(EvidenceError) {
        _ = try read(into: &evidence, request.range)
    }

    /// Adds everything that can be read, and tells the recorded facts.
    ///
    /// - Parameters:
    ///   - evidence: what is added to.
    ///   - range: events outside of it are left out; nil for none.
    @discardableResult
    public func read(
        into evidence: inout Evidence, _ range: ClosedRange<UInt64>? = nil
    ) throws(EvidenceError) -> [String: String] {
        try Self.read(try WholeFile(path).bytes, from: path, into: &evidence, range)
    }

    /// The same of a recording in memory.
    @discardableResult
    static func read(
        _ bytes: [UInt8], from path: String, into evidence: inout Evidence, _ range: ClosedRange<UInt64>? = nil
    ) throws(EvidenceError) -> [String: String] {
        guard bytes.starts(with: RecordingFormat.magic) else {
            let isLater = bytes.starts(with: RecordingFormat.magic.prefix { $0 != UInt8(ascii: "/") })
            throw EvidenceError(
                path,
                isLater ? "a recording of another version" : "no recording: it does not begin with skoop.recording/1")
        }
        var content = RecordingContent(evidence: evidence, range: range)
        content.read(bytes.dropFirst(RecordingFormat.magic.count))
        evidence = content.evidence
        evidence.gaps += content.gaps.map { "\(path): \($0)" }
        guard content.snapshots + content.events > 0 else {
            throw EvidenceError(path, (["there is no evidence in it"] + content.gaps).joined(separator: "; "))
        }
        return content.facts
    }
}

/// What is read of a recording.
private struct RecordingContent {
    var evidence: Evidence
    let range: ClosedRange<UInt64>?
    var facts: [String: String] = [:]
    var gaps: [String] = []
    private(set) var snapshots = 0
    private(set) var events = 0
    private var damaged = 0
    private var unpacker = SnapshotUnpacker()

    init(evidence: Evidence, range: ClosedRange<UInt64>?) {
        self.evidence = evidence
        self.range = range
    }

    mutating func read(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        var hasEnded = false
        while !rest.isEmpty, !hasEnded {
            do throws(RecordingFormat.Damage) {
                let block = try RecordingFormat.next(rest)
                rest = rest.dropFirst(block.length)
                hasEnded = block.kind == .end
                take(block.kind, block.content)
            } catch {
                switch error {
                case .truncated: rest = []
                case .damaged:
                    // Where the next block begins is known if only the content is damaged.
                    damaged += 1
                    unpacker.skip()
                    rest = rest.dropFirst(RecordingFormat.length(of: rest) ?? rest.count)
                case .unknown(let length): rest = rest.dropFirst(length)
                }
            }
        }
        if !hasEnded { gaps.append("the recording was cut off") }
        if damaged > 0 {
            gaps.append(
                counted(
                    damaged, "block is damaged; what it held is missing",
                    "blocks are damaged; what they held is missing")
            )
        }
        if !unpacker.unknown.isEmpty {
            let names = unpacker.unknown.sorted()
            gaps.append("metrics of another version: \(names.prefix(3).joined(separator: ", "))")
        }
    }

    private mutating func take(_ kind: RecordingFormat.Kind, _ content: [UInt8]) {
        do throws(ByteReader.Malformed) {
            switch kind {
            case .end: return
            case .facts: try takeFacts(content)
            case .snapshot:
                if let snapshot = try unpacker.unpack(content) {
                    if evidence.add(snapshot) { snapshots += 1 }
                }
            case .events:
                let page = EventPage(content)
                if let gap = page.reading.gap { gaps.append("events: \(gap)") }
                for event in page.events where range?.overlaps(event.timestamp...event.lastTimestamp) ?? true {
                    evidence.add(event)
                    events += 1
                }
            }
        } catch { damaged += 1 }
    }

    private mutating func takeFacts(_ content: [UInt8]) throws(ByteReader.Malformed) {
        var reader = ByteReader(content)
        var states: [(key: String, state: ProbeState)] = []
        for _ in 0..<(try reader.count(of: 2)) {
            let (name, value) = (try reader.text(), try reader.text())
            if name.hasPrefix("fact ") { facts[String(name.dropFirst("fact ".count))] = value }
            guard name.hasPrefix("probe "), let state = ProbeState(recorded: value) else { continue }
            states.append((String(name.dropFirst("probe ".count)), state))
        }
        for (key, state) in states {
            evidence.probes[key] = state
            // Another recording, of another node, may say something else.
            if let node = facts["node"] { evidence.probes[EvidenceKey.probe(key, on: node)] = state }
        }
    }
}
