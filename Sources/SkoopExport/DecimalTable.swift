// SPDX-License-Identifier: Apache-2.0

/// What is looked up to write integers quickly.
struct DecimalTable {
    /// "00" to "99", as they lie in memory.
    let pairs: [UInt16]
    /// 10^0 to 10^19.
    let powers: [UInt64]

    /// The most bytes ``ByteCursor/put(_:decimals:_:)`` writes.
    static func width(decimals: Int) -> Int { max(20, decimals + 1) + 1 }

    init() {
        pairs = (0..<100).map { number in
            let tens = UInt16(48 + number / 10)
            let ones = UInt16(48 + number % 10)
            return (ones << 8 | tens).littleEndian
        }
        var power: UInt64 = 1
        powers = (0..<20).map { digits in
            if digits > 0 { power *= 10 }
            return power
        }
    }

    /// How many digits a number has.
    @inline(__always)
    func digits(of value: UInt64) -> Int {
        // log10(2) is 1233/4096 to within what 64 bits can show; the power decides between the two candidates.
        let guess = ((UInt64.bitWidth - value.leadingZeroBitCount) &* 1233) &>> 12
        return value >= powers[guess] ? guess + 1 : max(1, guess)
    }
}
