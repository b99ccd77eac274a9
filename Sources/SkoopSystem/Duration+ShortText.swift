// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// Reads a whole number with a unit: `500ms`, `3s`, `1m`, `2h`; `nil` for anything else.
    public init?(shortText text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), count <= 1_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(count)
        case "s": self = .seconds(count)
        case "m": self = .seconds(count * 60)
        case "h": self = .seconds(count * 3600)
        default: return nil
        }
    }

    /// The duration as a configuration would write it, to the millisecond.
    public var shortText: String {
        let milliseconds = self / .milliseconds(1)
        let whole = Int64(milliseconds)
        return whole % 1000 == 0 ? "\(whole / 1000)s" : "\(whole)ms"
    }
}
