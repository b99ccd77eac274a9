// SPDX-License-Identifier: Apache-2.0

/// Eight decimal digits in one word, the first digit in the lowest byte.
///
/// All digits are found at once, each step in as many lanes of the word as there are parts; a loop over digits waits for
/// a multiplication after the other and guesses its end wrongly half the time.
enum Decimal8 {
    /// The digit 0 in every byte.
    static let zeros: UInt64 = 0x3030_3030_3030_3030

    /// The most bytes a number takes, its point included.
    static func width(decimals: Int) -> Int { max(20, decimals + 1) + 1 }

    /// The digits of a number below 10^8, each as a value from 0 to 9.
    @inline(__always)
    static func digits(of value: UInt64) -> UInt64 {
        // Two lanes of four digits; 10486 / 2^20 is 1/100 to within what four digits can show.
        let fours = (value / 10_000) | (value % 10_000) &<< 32
        let upper = ((fours &* 10_486) &>> 20) & 0x0000_007F_0000_007F
        // Four lanes of two digits; 103 / 2^10 is 1/10 to within what two digits can show.
        let pairs = upper | (fours &- 100 &* upper) &<< 16
        let tens = ((pairs &* 103) &>> 10) & 0x000F_000F_000F_000F
        return tens | (pairs &- 10 &* tens) &<< 8
    }

    /// 10^`exponent`, for 0 to 19.
    static func power(_ exponent: Int) -> UInt64 {
        var power: UInt64 = 1
        for _ in 0..<exponent { power *= 10 }
        return power
    }
}
