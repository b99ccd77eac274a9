// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis

extension Evidence {
    /// What several sources have, for a look at all of it at once.
    ///
    /// A source that fails while others do not is a gap.
    ///
    /// - Parameters:
    ///   - sources: the sources; they are asked one after the other.
    ///   - request: what is wanted.
    /// - Throws: the first source's error, when all fail.
    public init(
        from sources: [any EvidenceSource], _ request: EvidenceRequest
    ) throws(EvidenceError) {
        self.init(span: .max / 4, keeping: request.metrics, events: 200_000)
        var errors: [EvidenceError] = []
        for source in sources {
            do throws(EvidenceError) { try source.add(to: &self, request) } catch { errors.append(error) }
        }
        if let first = errors.first, errors.count == sources.count { throw first }
        gaps += errors.map(\.description)
    }
}
