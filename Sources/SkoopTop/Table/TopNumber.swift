// SPDX-License-Identifier: Apache-2.0

/// Writes numbers in six cells or fewer.
public enum TopNumber {
    /// `0`, `0.04`, `7.5`, `312`, `45.1k`, `3.20M`, `117G`: powers of 1000.
    public static func text(_ number: Double) -> String {
        guard number.isFinite else { return "-" }
        if number == 0 { return "0" }
        guard number < 9.995e20 else { return ">999E" }
        if number < 0.005 { return "<0.01" }
        if number < 9.995 { return trimmed(number, 2) }
        if number < 99.95 { return trimmed(number, 1) }
        var rest = number
        for unit in ["", "k", "M", "G", "T", "P", "E"] {
            if rest < 999.5 || unit == "E" {
                if unit.isEmpty { return fixed(rest, 0) }
                return fixed(rest, rest < 9.995 ? 2 : rest < 99.95 ? 1 : 0) + unit
            }
            rest /= 1000
        }
        return "-"
    }

    /// `1.20ms`: a time in the unit that suits it.
    public static func text(seconds: Double) -> String {
        for (unit, factor) in [("s", 1.0), ("ms", 1e3), ("us", 1e6)] where seconds * factor >= 1 {
            return text(seconds * factor) + unit
        }
        return text((seconds * 1e9).rounded()) + "ns"
    }

    /// `1234567` with a blank between thousands.
    static func whole(_ number: UInt64) -> String {
        var text = ""
        for (position, digit) in "\(number)".reversed().enumerated() {
            if position > 0, position % 3 == 0 { text = " " + text }
            text = String(digit) + text
        }
        return text
    }

    private static func trimmed(_ number: Double, _ digits: Int) -> String {
        var text = fixed(number, digits)
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    private static func fixed(_ number: Double, _ digits: Int) -> String {
        let factor = [1.0, 10, 100][digits]
        let rounded = UInt64((number * factor).rounded())
        guard digits > 0 else { return "\(rounded)" }
        let fraction = "\(rounded % UInt64(factor))"
        return "\(rounded / UInt64(factor))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
