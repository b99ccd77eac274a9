// SPDX-License-Identifier: Apache-2.0

/// A place in a buffer that moves on with what is written there.
///
/// The caller sees to it that there is room, ``PaddedTable/stride`` bytes more than what is written; a mistake traps.
struct ByteCursor: ~Copyable, ~Escapable {
    private var bytes: MutableRawSpan
    /// Where the next byte goes.
    private(set) var position: Int

    @_lifetime(copy bytes)
    init(_ bytes: consuming MutableRawSpan, at position: Int) {
        self.bytes = bytes
        self.position = position
    }

    /// Whether `size` bytes can be written.
    @inline(__always)
    func hasRoom(for size: Int) -> Bool { position + size + PaddedTable.stride <= bytes.byteCount }

    @inline(__always)
    @_lifetime(self: copy self)
    mutating func put(_ byte: UInt8) {
        bytes.storeBytes(of: byte, toByteOffset: position, as: UInt8.self)
        position &+= 1
    }

    /// Writes the first `count` of some bytes.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func put(_ text: borrowing Span<UInt8>, count: Int) {
        for index in 0..<count { put(text[index]) }
    }

    @inline(__always)
    @_lifetime(self: copy self)
    mutating func put(_ entry: PaddedTable.Entry, of vectors: borrowing Span<PaddedTable.Vector>) {
        var target = position
        var vector = Int(entry.start)
        position &+= Int(entry.length)
        while target < position {
            bytes.storeBytes(of: vectors[vector], toByteOffset: target, as: PaddedTable.Vector.self)
            target &+= PaddedTable.stride
            vector &+= 1
        }
    }

    @inline(__always)
    @_lifetime(self: copy self)
    mutating func put(_ string: String, escaping: Escaping) {
        let text = string.utf8.span
        for index in text.indices {
            let byte = text[index]
            guard let replacement = escaping.replacement(of: byte) else {
                put(byte)
                continue
            }
            put(UInt8(ascii: "\\"))
            put(replacement)
            guard replacement == UInt8(ascii: "u"), byte < 0x20 else { continue }
            put(UInt8(ascii: "0"))
            put(UInt8(ascii: "0"))
            put(UInt8(ascii: "0") + byte >> 4)
            put(byte & 15 < 10 ? UInt8(ascii: "0") + byte & 15 : UInt8(ascii: "a") + byte & 15 - 10)
        }
    }

    /// Writes an integer.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func put(_ value: UInt64) {
        let eight: UInt64 = 100_000_000
        guard value >= eight else {
            // Most of a quiet node's counters are zero.
            return value < 10 ? put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value)) : putLeading(value)
        }
        let (upper, lower) = value.quotientAndRemainder(dividingBy: eight)
        if upper < eight {
            putLeading(upper)
        } else {
            let (top, middle) = upper.quotientAndRemainder(dividingBy: eight)
            putLeading(top)
            putEight(middle)
        }
        putEight(lower)
    }

    /// Writes a number below 10^8 without leading zeros.
    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func putLeading(_ value: UInt64) {
        let digits = Decimal8.digits(of: value)
        // The last digit is never cut off: a zero is one digit wide.
        let zeros = min(digits.trailingZeroBitCount >> 3, 7)
        let text = (digits | Decimal8.zeros) >> UInt64(8 * zeros)
        bytes.storeBytes(of: text.littleEndian, toByteOffset: position, as: UInt64.self)
        position &+= 8 - zeros
    }

    /// Writes a number below 10^8 in eight digits.
    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func putEight(_ value: UInt64) {
        let text = Decimal8.digits(of: value) | Decimal8.zeros
        bytes.storeBytes(of: text.littleEndian, toByteOffset: position, as: UInt64.self)
        position &+= 8
    }

    /// Writes `value` divided by ten to the power of `decimals`, exactly and without trailing zeros.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func put(_ value: UInt64, decimals: Int) {
        if decimals > 0 { putDecimal(value, decimals: decimals) } else { put(value) }
    }

    @_lifetime(self: copy self)
    private mutating func putDecimal(_ value: UInt64, decimals: Int) {
        var value = value
        var decimals = value == 0 ? 0 : decimals
        while decimals > 0, value % 10 == 0 {
            value /= 10
            decimals -= 1
        }
        guard decimals > 0 else { return put(value) }
        // Beyond the powers of ten that 64 bits hold, what stands before the point is nothing.
        let divisor = decimals < 20 ? Decimal8.power(decimals) : nil
        put(divisor.map { value / $0 } ?? 0)
        put(UInt8(ascii: "."))
        for _ in 20..<max(20, decimals) { put(UInt8(ascii: "0")) }
        var rest = divisor.map { value % $0 } ?? value
        var place = Decimal8.power(min(decimals, 20) - 1)
        while place > 0 {
            put(UInt8(ascii: "0") + UInt8(rest / place))
            rest %= place
            place /= 10
        }
    }
}
