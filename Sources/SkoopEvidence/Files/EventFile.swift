// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopModel

/// A log of events, as a file sink or `skoop events --json` writes it; `-` is standard input.
public struct EventFile: EvidenceSource {
    /// The file.
    public var path: String
    /// The node's name, where an event does not say it.
    public var node: String

    /// Makes a source; see the properties for the meaning of each argument.
    public init(_ path: String, node: String = "") {
        self.path = path
        self.node = node
    }

    /// Adds the events, those outside of the request's time left out.
    public func add(to evidence: inout Evidence, _ request: EvidenceRequest) throws(EvidenceError) {
        let page = EventPage(try WholeFile(path).bytes, node: node)
        if page.events.isEmpty, page.reading.unknown > 0 || page.reading.problemCount > 0 {
            throw EvidenceError(path, page.reading.emptiness("event"))
        }
        if let gap = page.reading.gap { evidence.gaps.append("\(path): \(gap)") }
        evidence.hasEventSource = true
        for event in page.events {
            if let range = request.range, !range.overlaps(event.timestamp...event.lastTimestamp) { continue }
            evidence.add(event)
        }
    }
}
