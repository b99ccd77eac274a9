// SPDX-License-Identifier: Apache-2.0

extension ProbeEnvironment {
    /// Chooses among sources.
    ///
    /// - Parameters:
    ///   - sources: the alternatives, best first.
    ///   - check: throws why a source cannot be used.
    /// - Returns: the first that can be used, with the reasons against those before it.
    /// - Throws: what `check` throws for the last, or for the one that the configuration asks for; `invalidArgument`
    ///   where it asks for something else.
    func choose(
        _ sources: [Source], check: (Source) throws(ProbeError) -> Void
    ) throws(ProbeError) -> SourceChoice {
        if let required = requiredSource {
            guard sources.contains(required) else {
                let allowed = sources.map(\.rawValue).joined(separator: ", ")
                throw ProbeError(.invalidArgument, "source '\(required.rawValue)', allowed: \(allowed)")
            }
            try check(required)
            return required == sources.first ? SourceChoice(required) : .configured(required)
        }
        var reasons: [String] = []
        var last = ProbeError(.invalidArgument, "no source is known")
        for source in sources {
            do throws(ProbeError) {
                try check(source)
                return SourceChoice(source, reason: reasons.joined(separator: "; "))
            } catch {
                reasons.append(error.message)
                last = error
            }
        }
        throw last
    }

    /// Chooses between a source and its fallback, which needs no check.
    func choose(
        _ best: Source, orElse fallback: Source, check: () throws(ProbeError) -> Void
    ) throws(ProbeError) -> SourceChoice {
        try choose([best, fallback]) { source throws(ProbeError) in
            if source == best { try check() }
        }
    }

    /// The value of an argument that is `true` or `false`; `false` where it is not given.
    func flag(_ name: String) -> Bool { arguments[name] == .bool(true) }

    /// The value of an argument that is a whole number, which its definition keeps from being negative.
    func number(_ name: String, orElse standard: UInt64) -> UInt64 {
        if case .integer(let value)? = arguments[name] { UInt64(clamping: value) } else { standard }
    }
}
