// SPDX-License-Identifier: Apache-2.0

extension ProbeEnvironment {
    /// Chooses between a source and its fallback.
    ///
    /// - Parameters:
    ///   - best: used unless `check` throws or the configuration asks for the other.
    ///   - fallback: needs no check.
    ///   - check: throws why `best` cannot be used.
    /// - Throws: what `check` throws where the configuration asks for `best`, and `invalidArgument` where it asks for
    ///   something else.
    func choose(
        _ best: Source, orElse fallback: Source, check: () throws(ProbeError) -> Void
    ) throws(ProbeError) -> SourceChoice {
        switch requiredSource {
        case fallback: return .configured(fallback)
        case nil, best:
            do throws(ProbeError) {
                try check()
                return SourceChoice(best)
            } catch {
                if requiredSource == best { throw error }
                return SourceChoice(fallback, reason: error.message)
            }
        case .some(let other):
            throw ProbeError(
                .invalidArgument, "source '\(other.rawValue)', allowed: \(best.rawValue), \(fallback.rawValue)")
        }
    }

    /// The value of an argument that is `true` or `false`; `false` where it is not given.
    func flag(_ name: String) -> Bool { arguments[name] == .bool(true) }
}
