// SPDX-License-Identifier: Apache-2.0

extension Span<UInt8> {
    /// The integer at an offset in the byte order of this package's machines, which are little-endian all; `nil` where
    /// it does not lie wholly within the span.
    ///
    /// Netlink aligns to four bytes only, so that a 64-bit value may lie anywhere.
    @inlinable
    public func integer<Value: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        at offset: Int = 0, as type: Value.Type = Value.self
    ) -> Value? {
        guard offset >= 0, count - MemoryLayout<Value>.size >= offset else { return nil }
        // Any bytes are a valid integer, and the bounds are checked once more.
        return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
    }

    /// The text up to the first zero byte; what is no UTF-8 is replaced.
    public var zeroTerminatedText: String {
        var length = 0
        while length < count, self[length] != 0 { length += 1 }
        return extracting(first: length).text
    }
}
