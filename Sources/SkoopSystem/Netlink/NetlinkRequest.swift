// SPDX-License-Identifier: Apache-2.0

/// A netlink request under construction, or built once and sent many times.
public struct NetlinkRequest: Sendable, Hashable {
    /// What the kernel calls the request, for error messages: `RTM_GETSTATS`.
    public let name: String
    /// Whether all objects are wanted, so that the reply ends with `NLMSG_DONE`.
    let isDump: Bool
    /// Header, structure and attributes as they are sent; the length is kept up to date, the sequence is set at sending.
    public private(set) var bytes: [UInt8]

    /// Starts a request.
    ///
    /// - Parameters:
    ///   - name: the kernel's name of it.
    ///   - type: `nlmsg_type`.
    ///   - isDump: whether all objects are wanted (`NLM_F_DUMP`) or one.
    public init(_ name: String, type: UInt16, isDump: Bool) {
        self.name = name
        self.isDump = isDump
        bytes = []
        append(UInt32(0))
        append(type)
        append(UInt16(isDump ? 0x301 : 0x1))
        append(UInt64(0))
    }

    /// Adds a field of the structure that follows the header.
    public mutating func append<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
        var rest = value
        for _ in 0..<Value.bitWidth / 8 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
        updateLength()
    }

    /// Adds an attribute that holds an integer.
    public mutating func append<Value: FixedWidthInteger & UnsignedInteger>(attribute type: UInt16, _ value: Value) {
        append(UInt16(4 + Value.bitWidth / 8))
        append(type)
        append(value)
        while bytes.count % 4 != 0 { bytes.append(0) }
        updateLength()
    }

    private mutating func updateLength() { set(UInt32(bytes.count), at: 0) }

    /// `nlmsg_seq`, which the reply repeats.
    var sequence: UInt32 { bytes.span.integer(at: 8) ?? 0 }

    mutating func advanceSequence() { set(sequence &+ 1, at: 8) }

    private mutating func set(_ value: UInt32, at offset: Int) {
        guard bytes.count >= offset + 4 else { return }
        for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }
}
