// SPDX-License-Identifier: Apache-2.0

/// Several measurements of the same thing, in nanoseconds.
struct Spread {
    let minimum: Double
    let median: Double
    let maximum: Double

    /// - Precondition: at least one measurement.
    init(_ nanoseconds: [UInt64]) {
        let sorted = nanoseconds.sorted()
        minimum = Double(sorted[0])
        maximum = Double(sorted[sorted.count - 1])
        let middle = sorted.count / 2
        median =
            sorted.count.isMultiple(of: 2)
            ? Double(sorted[middle - 1] + sorted[middle]) / 2 : Double(sorted[middle])
    }

    /// Median and range: `12.3 ms (11.9 … 13.0)`.
    var text: String {
        let scale = Scale(of: median)
        return "\(scale.text(median)) \(scale.unit) (\(scale.text(minimum)) … \(scale.text(maximum)))"
    }

    /// A duration for people: `5.51 s`, `0.37 ms`, `920 ns`.
    static func text(_ nanoseconds: Double) -> String {
        let scale = Scale(of: nanoseconds)
        return "\(scale.text(nanoseconds)) \(scale.unit)"
    }

    private struct Scale {
        let unit: String
        let divisor: Double

        init(of nanoseconds: Double) {
            (unit, divisor) =
                switch nanoseconds {
                case 1e9...: ("s", 1e9)
                case 1e5...: ("ms", 1e6)
                case 1e3...: ("µs", 1e3)
                default: ("ns", 1)
                }
        }

        func text(_ nanoseconds: Double) -> String {
            let value = nanoseconds / divisor
            return decimal(value, digits: value < 10 ? 2 : value < 100 ? 1 : 0)
        }
    }
}

/// A number with a fixed count of digits behind the point.
func decimal(_ value: Double, digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let rounded = (value * scale).rounded()
    guard digits > 0 else { return String(Int(rounded)) }
    let whole = Int(rounded / scale)
    let rest = String(Int(rounded) - whole * Int(scale))
    return "\(whole)." + String(repeating: "0", count: digits - rest.count) + rest
}

/// How often the faster fits into the slower: `230x`, `1.4x`.
func ratioText(_ slow: Double, _ fast: Double) -> String {
    let ratio = slow / fast
    return decimal(ratio, digits: ratio < 10 ? 1 : 0) + "x"
}
