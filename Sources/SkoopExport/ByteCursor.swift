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
        position += 1
    }

    @inline(__always)
    @_lifetime(self: copy self)
    mutating func put(_ entry: PaddedTable.Entry, of vectors: borrowing Span<PaddedTable.Vector>) {
        var target = position
        var vector = Int(entry.start)
        position += Int(entry.length)
        while target < position {
            bytes.storeBytes(of: vectors[vector], toByteOffset: target, as: PaddedTable.Vector.self)
            target += PaddedTable.stride
            vector += 1
        }
    }

    @inline(__always)
    @_lifetime(self: copy self)
    mutating func put(_ string: String, escaping: Escaping) {
        for byte in string.utf8 {
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

    /// Writes `value` in `width` digits.
    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func put(_ value: UInt64, width: Int, _ table: borrowing DecimalTable) {
        position += width
        var target = position
        var rest = value
        while rest >= 100 {
            let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
            target -= 2
            bytes.storeBytes(of: table.pairs[Int(pair)], toByteOffset: target, as: UInt16.self)
            rest = quotient
        }
        if rest >= 10 {
            target -= 2
            bytes.storeBytes(of: table.pairs[Int(rest)], toByteOffset: target, as: UInt16.self)
        } else {
            target -= 1
            bytes.storeBytes(of: UInt8(ascii: "0") + UInt8(rest), toByteOffset: target, as: UInt8.self)
        }
        while target > position - width {
            target -= 1
            bytes.storeBytes(of: UInt8(ascii: "0"), toByteOffset: target, as: UInt8.self)
        }
    }

    /// Writes `value` divided by ten to the power of `decimals`, exactly and without trailing zeros.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func put(_ value: UInt64, decimals: Int, _ table: borrowing DecimalTable) {
        guard decimals > 0 else { return put(value, width: table.digits(of: value), table) }
        putFraction(value, decimals: decimals, table)
    }

    @_lifetime(self: copy self)
    private mutating func putFraction(_ value: UInt64, decimals: Int, _ table: borrowing DecimalTable) {
        var value = value
        var decimals = value == 0 ? 0 : decimals
        while decimals > 0, value % 10 == 0 {
            value /= 10
            decimals -= 1
        }
        guard decimals > 0 else { return put(value, width: table.digits(of: value), table) }
        let divisor = decimals < table.powers.count ? table.powers[decimals] : nil
        let whole = divisor.map { value / $0 } ?? 0
        put(whole, width: table.digits(of: whole), table)
        put(UInt8(ascii: "."))
        put(divisor.map { value % $0 } ?? value, width: decimals, table)
    }
}
