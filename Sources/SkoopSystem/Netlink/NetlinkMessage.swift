// SPDX-License-Identifier: Apache-2.0

/// One message of a netlink datagram, a view of the buffer it was received in.
///
/// Source: `struct nlmsghdr` in `include/uapi/linux/netlink.h`, RFC 3549.
public struct NetlinkMessage: ~Escapable {
    /// `nlmsg_type`.
    public let type: UInt16
    /// `nlmsg_flags`.
    public let flags: UInt16
    /// `nlmsg_seq`: that of the request it answers.
    public let sequence: UInt32
    /// What follows the header: a structure that belongs to the type, then attributes.
    public let payload: Span<UInt8>

    @_lifetime(copy payload)
    init(type: UInt16, flags: UInt16, sequence: UInt32, payload: Span<UInt8>) {
        self.type = type
        self.flags = flags
        self.sequence = sequence
        self.payload = payload
    }

    /// The attributes behind the structure at the payload's beginning; `nil` where the payload is shorter than that.
    ///
    /// - Parameter size: the structure's size in bytes.
    @_lifetime(copy self)
    public func attributes(after size: Int) -> NetlinkAttributes? {
        let start = netlinkAligned(size)
        guard payload.count >= size else { return nil }
        return NetlinkAttributes(payload.extracting(droppingFirst: min(start, payload.count)))
    }

    static let headerSize = 16
    static let error: UInt16 = 2
    static let done: UInt16 = 3
    /// `NLM_F_DUMP_INTR`: what is dumped changed meanwhile, so that something may be missing or there twice.
    static let interrupted: UInt16 = 0x10
    /// `NLM_F_ACK_TLVS`: an error carries attributes.
    static let hasErrorAttributes: UInt16 = 0x200
}

/// The messages of one datagram, in order.
///
/// Whatever the bytes are, reading ends and stays within them; ``isMalformed`` tells whether it ended early.
public struct NetlinkMessages: ~Escapable {
    private let bytes: Span<UInt8>
    private var position = 0
    /// Whether a message was cut off or impossibly short, so that it and what follows are lost.
    public private(set) var isMalformed = false

    /// Starts at the first message.
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    /// The next message, `nil` at the end.
    @_lifetime(copy self)
    public mutating func next() -> NetlinkMessage? {
        guard position < bytes.count, !isMalformed else { return nil }
        let start = position
        guard let length = bytes.integer(at: start, as: UInt32.self).map(Int.init),
            let type = bytes.integer(at: start + 4, as: UInt16.self),
            let flags = bytes.integer(at: start + 6, as: UInt16.self),
            let sequence = bytes.integer(at: start + 8, as: UInt32.self),
            length >= NetlinkMessage.headerSize, length <= bytes.count - start
        else {
            isMalformed = true
            return nil
        }
        position = start + netlinkAligned(length)
        return NetlinkMessage(
            type: type, flags: flags, sequence: sequence,
            payload: bytes.extracting(start + NetlinkMessage.headerSize..<start + length))
    }
}

/// Lengths are rounded up to this boundary, `NLMSG_ALIGN` and `NLA_ALIGN`.
func netlinkAligned(_ length: Int) -> Int { (length + 3) & ~3 }
