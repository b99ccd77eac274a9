// SPDX-License-Identifier: Apache-2.0

/// An IPv4 or IPv6 address.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// The version of IP.
    public enum Version: UInt8, Sendable, Hashable {
        /// 32 bits.
        case v4 = 4
        /// 128 bits.
        case v6 = 6
    }

    /// The version.
    public let version: Version
    /// The 128 bits as a number; of an IPv4 address the lowest 32.
    public let bits: UInt128

    /// An IPv4 address from its 32 bits, the first byte highest.
    public init(v4 bits: UInt32) {
        version = .v4
        self.bits = UInt128(bits)
    }

    /// An IPv6 address from its 128 bits, the first byte highest.
    public init(v6 bits: UInt128) {
        version = .v6
        self.bits = bits
    }

    /// The address of 4 or 16 bytes in network order; nil for any other number of bytes.
    public init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self.init(v4: bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16: self.init(v6: bytes.reduce(0) { $0 << 8 | UInt128($1) })
        default: return nil
        }
    }

    /// The bytes in network order: 4 or 16.
    public var bytes: [UInt8] {
        let count = version == .v4 ? 4 : 16
        return (0..<count).map { UInt8(truncatingIfNeeded: bits >> UInt128(8 * (count - 1 - $0))) }
    }

    /// Whether the address is one of the host itself: 127.0.0.0/8 or ::1.
    public var isLoopback: Bool { version == .v4 ? bits >> 24 == 127 : bits == 1 }

    /// Whether the address is of use on one link only: 169.254.0.0/16 or fe80::/10.
    public var isLinkLocal: Bool { version == .v4 ? bits >> 16 == 0xa9fe : bits >> 118 == 0x3fa }

    /// An IPv4 address inside an IPv6 one (`::ffff:a.b.c.d`) as what it is on the wire; every other as it is.
    public var unmapped: IPAddress {
        version == .v6 && bits >> 32 == 0xffff ? IPAddress(v4: UInt32(truncatingIfNeeded: bits)) : self
    }

    /// The usual text: dotted decimal, or for IPv6 the canonical form of RFC 5952.
    public var description: String {
        let bytes = bytes
        guard version == .v6 else { return bytes.map(String.init).joined(separator: ".") }
        if bits >> 32 == 0xffff { return "::ffff:\(unmapped)" }
        let groups = (0..<8).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
        func text(_ part: Range<Int>) -> String {
            groups[part].map { String($0, radix: 16) }.joined(separator: ":")
        }
        let gap = Self.longestZeros(groups)
        guard gap.count > 1 else { return text(0..<8) }
        return text(0..<gap.lowerBound) + "::" + text(gap.upperBound..<8)
    }

    /// The longest run of zero groups, the first of several.
    private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for position in 0...8 where position == 8 || groups[position] != 0 {
            if position - start > longest.count { longest = start..<position }
            start = position + 1
        }
        return longest
    }
}
