// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis

extension Evidence {
    /// What several sources have, for a look at all of it at once.
    ///
    /// Sources that have a time of their own are asked first, each of them once, and those that add to the evidence of others
    /// last. Servers that must be asked for a time are asked for that of the request, else for that of the other evidence. A
    /// source that fails while others do not is a gap.
    ///
    /// - Parameters:
    ///   - sources: the sources; they are asked one after the other. Where two have the same metrics of a node and a
    ///     time, those of the first count.
    ///   - request: what is wanted.
    /// - Throws: the first source's error, when all fail.
    public init(
        from sources: [any EvidenceSource], _ request: EvidenceRequest
    ) throws(EvidenceError) {
        func empty() -> Evidence { Evidence(span: .max / 4, keeping: request.metrics, events: 200_000) }
        var parts: [Evidence] = []
        var errors: [EvidenceError] = []
        for source in sources where source.time == .kept || source.time == .live {
            var part = empty()
            do throws(EvidenceError) { try source.add(to: &part, request) } catch { errors.append(error) }
            parts.append(part)
        }
        var request = request
        request.range = request.range ?? Self.range(of: parts)
        for source in sources where source.time == .asked {
            var part = empty()
            do throws(EvidenceError) { try source.add(to: &part, request) } catch { errors.append(error) }
            parts.append(part)
        }
        self = parts.isEmpty ? empty() : Evidence(merging: parts)
        for source in sources where source.time == .added {
            do throws(EvidenceError) { try source.add(to: &self, request) } catch { errors.append(error) }
        }
        if let first = errors.first, errors.count == sources.count { throw first }
        gaps += errors.map(\.description)
    }

    private static func range(of parts: [Evidence]) -> ClosedRange<UInt64>? {
        let ranges = parts.compactMap(\.range)
        guard let first = ranges.map(\.lowerBound).min(), let last = ranges.map(\.upperBound).max() else { return nil }
        return first...last
    }
}
