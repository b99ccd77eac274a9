// SPDX-License-Identifier: Apache-2.0

extension Span<UInt8> {
    /// The integer at an offset in the byte order of this package's machines, which are little-endian all; `nil` where
    /// it does not lie wholly within the span.
    ///
    /// Netlink aligns to four bytes only, so that a 64-bit value may lie anywhere.
    public func integer<Value: FixedWidthInteger & UnsignedInteger>(
        at offset: Int = 0, as type: Value.Type = Value.self
    ) -> Value? {
        let size = Value.bitWidth / 8
        guard offset >= 0, count - size >= offset else { return nil }
        var value: Value = 0
        for index in (offset..<offset + size).reversed() { value = value << 8 | Value(self[index]) }
        return value
    }

    /// The text up to the first zero byte; what is no UTF-8 is replaced.
    public var zeroTerminatedText: String {
        var length = 0
        while length < count, self[length] != 0 { length += 1 }
        return extracting(first: length).text
    }
}
