// SPDX-License-Identifier: Apache-2.0

/// An attribute of a netlink message: a type and bytes, which may be attributes again.
///
/// Source: `struct nlattr` in `include/uapi/linux/netlink.h`.
public struct NetlinkAttribute: ~Escapable {
    /// `nla_type` without its two flag bits.
    public let type: UInt16
    /// The value, without padding.
    public let payload: Span<UInt8>

    @_lifetime(copy payload)
    init(type: UInt16, payload: Span<UInt8>) {
        self.type = type
        self.payload = payload
    }

    /// The attributes that the value consists of.
    public var nested: NetlinkAttributes {
        @_lifetime(copy self) get { NetlinkAttributes(payload) }
    }
}

/// The attributes of a message or of another attribute, in order.
///
/// Whatever the bytes are, reading ends and stays within them; ``isMalformed`` tells whether it ended early.
public struct NetlinkAttributes: ~Escapable {
    private let bytes: Span<UInt8>
    private var position = 0
    /// Whether an attribute was cut off or impossibly short, so that it and what follows are lost.
    public private(set) var isMalformed = false

    /// Starts at the first attribute.
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    /// The next attribute, `nil` at the end.
    @_lifetime(copy self)
    public mutating func next() -> NetlinkAttribute? {
        guard position < bytes.count, !isMalformed else { return nil }
        let start = position
        guard let length = bytes.integer(at: start, as: UInt16.self).map(Int.init),
            let type = bytes.integer(at: start + 2, as: UInt16.self),
            length >= 4, length <= bytes.count - start
        else {
            isMalformed = true
            return nil
        }
        position = start + netlinkAligned(length)
        // Bit 15 says nested, bit 14 network byte order; old subsystems set neither, so they tell nothing.
        return NetlinkAttribute(type: type & 0x3fff, payload: bytes.extracting(start + 4..<start + length))
    }

    /// The first attribute of a type at or after the cursor, which is left as it is.
    @_lifetime(copy self)
    public func first(_ type: UInt16) -> NetlinkAttribute? {
        var cursor = NetlinkAttributes(bytes.extracting(droppingFirst: min(position, bytes.count)))
        while let attribute = cursor.next() {
            if attribute.type == type { return attribute }
        }
        return nil
    }
}
