// SPDX-License-Identifier: Apache-2.0

/// Turns the text of a number into the integer that snapshots store.
enum StoredNumber {
    /// The number times ten to the power of `decimals`, rounded to the nearest integer.
    ///
    /// - Returns: nil for what is no finite number, is negative, or is too large for 64 bits.
    static func parse(_ text: some Collection<UInt8>, decimals: Int) -> UInt64? {
        guard let (mantissa, exponent) = scientific(text) else { return nil }
        var number = mantissa
        var power = exponent + decimals
        while power > 0 {
            guard number <= UInt128(UInt64.max) else { return nil }
            guard number > 0 else { return 0 }
            number *= 10
            power -= 1
        }
        while power < -1, number > 0 {
            number /= 10
            power += 1
        }
        if power < 0 { number = (number + 5) / 10 }
        return UInt64(exactly: number)
    }

    /// The digits as an integer, and the power of ten it is to be multiplied by.
    private static func scientific(_ text: some Collection<UInt8>) -> (mantissa: UInt128, exponent: Int)? {
        var mantissa: UInt128 = 0
        var exponent = 0
        var digits = 0
        var isFraction = false
        var rest = text[...]
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        while let byte = rest.first {
            if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                digits += 1
                // More digits than any double has say nothing.
                if mantissa < 1 << 100 {
                    mantissa = mantissa * 10 + UInt128(byte - UInt8(ascii: "0"))
                    if isFraction { exponent -= 1 }
                } else if !isFraction {
                    exponent += 1
                }
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        guard digits > 0 else { return nil }
        if let byte = rest.first {
            guard byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E"),
                let written = Int(String(decoding: rest.dropFirst(), as: UTF8.self)), abs(written) <= 1000
            else { return nil }
            exponent += written
        }
        guard mantissa > 0 else { return (0, 0) }
        return text.first == UInt8(ascii: "-") ? nil : (mantissa, exponent)
    }
}
