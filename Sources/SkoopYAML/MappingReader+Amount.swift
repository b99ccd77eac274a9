// SPDX-License-Identifier: Apache-2.0

/// What an amount is a number of.
package enum AmountUnit: Sendable, Hashable {
    /// Seconds, which can also be given as a duration.
    case seconds
    /// Milliseconds, which can also be given as a duration.
    case milliseconds
    /// Anything else; its name where it has one.
    case other(String? = nil)

    fileprivate var perSecond: Double? {
        switch self {
        case .seconds: 1
        case .milliseconds: 1000
        case .other: nil
        }
    }

    fileprivate var expected: String {
        switch self {
        case .seconds: "a number of seconds, or a duration such as 100ms"
        case .milliseconds: "a number of milliseconds, or a duration such as 100ms"
        case .other(let name?): "a number of \(name), without a unit, such as 4096"
        case .other(nil): "a number, since it is no time, such as 10"
        }
    }
}

extension MappingReader {
    /// A number in a unit; a duration where that is a unit of time.
    package mutating func amount(_ key: String, in unit: AmountUnit) -> Double? {
        value(key, expected: unit.expected) { node in
            if let number = node.number { return number }
            guard let perSecond = unit.perSecond else { return nil }
            return node.string.flatMap { Self.seconds($0) }.map { $0 * perSecond }
        }
    }

    /// The seconds in `250us`, `1.5s` or `2m`.
    private static func seconds(_ text: String) -> Double? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let count = Double(digits), count.isFinite else { return nil }
        // Divided where a unit is less than a second, which is exact more often.
        switch text.dropFirst(digits.count) {
        case "ns": return count / 1e9
        case "us", "µs": return count / 1e6
        case "ms": return count / 1000
        case "s": return count
        case "m": return count * 60
        case "h": return count * 3600
        default: return nil
        }
    }
}
