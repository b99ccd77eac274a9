// SPDX-License-Identifier: Apache-2.0

/// How far the reply to one request has come.
struct NetlinkReply {
    private let request: NetlinkRequest
    /// Whether the last message was seen.
    private(set) var isComplete = false
    /// Whether something is missing or may be there twice.
    private(set) var isIncomplete = false
    /// Datagrams of which a part could not be read.
    private(set) var malformed = 0
    /// Datagrams received or lost.
    private(set) var datagrams = 0

    init(to request: NetlinkRequest) { self.request = request }

    /// Notes that a datagram was lost, or cut off at the buffer's end; the rest of a dump is still to be received.
    mutating func noteLoss() {
        datagrams += 1
        isIncomplete = true
        if !request.isDump { isComplete = true }
    }

    /// Reads a datagram and hands over its messages, unless they are in vain.
    mutating func read(
        _ datagram: Span<UInt8>, _ body: (borrowing NetlinkMessage) -> Void
    ) throws(SystemError) {
        datagrams += 1
        var messages = NetlinkMessages(datagram)
        while let message = messages.next() {
            // Left over from a request that was given up.
            guard message.sequence == request.sequence else { continue }
            if message.flags & NetlinkMessage.interrupted != 0 { isIncomplete = true }
            switch message.type {
            case NetlinkMessage.error:
                isComplete = true
                try check(message, errorAttributesAfter: message.isCapped ? 20 : 4 + request.bytes.count)
            case NetlinkMessage.done:
                isComplete = true
                try check(message, errorAttributesAfter: 4)
            case 0..<NetlinkMessage.firstOwnType:
                continue
            default:
                if !request.isDump { isComplete = true }
                if !isIncomplete { body(message) }
            }
        }
        guard messages.isMalformed, !isIncomplete else { return }
        malformed += 1
        // Nothing tells where the next message begins, so that the end of a single reply cannot be waited for.
        if !request.isDump { isComplete = true }
    }

    /// Throws what an error or end message reports.
    private func check(_ message: borrowing NetlinkMessage, errorAttributesAfter size: Int) throws(SystemError) {
        guard let code = message.payload.integer(as: UInt32.self) else { return }
        let errno = 0 &- Int32(truncatingIfNeeded: code)
        guard errno > 0 else { return }
        var subject = request.name
        if message.flags & NetlinkMessage.hasErrorAttributes != 0,
            let text = message.attributes(after: size)?.first(1)?.payload.zeroTerminatedText, !text.isEmpty
        {
            subject += " (\(text))"
        }
        throw SystemError("netlink", subject, errno: errno)
    }
}

extension NetlinkMessage {
    /// `NLM_F_CAPPED`: an error message repeats the request's header only.
    var isCapped: Bool { flags & 0x100 != 0 }
    /// `NLMSG_MIN_TYPE`; below are control messages.
    static var firstOwnType: UInt16 { 0x10 }
}
