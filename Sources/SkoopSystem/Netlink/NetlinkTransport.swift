// SPDX-License-Identifier: Apache-2.0

/// What carries netlink requests and replies: a ``NetlinkSocket``, or recorded bytes in a test.
public protocol NetlinkTransport: ~Copyable {
    /// Sends one request.
    mutating func send(_ request: NetlinkRequest) throws(SystemError)

    /// Receives one datagram into the buffer's beginning and returns its whole length, which may exceed the buffer.
    ///
    /// - Throws: `ETIMEDOUT` where none comes in time.
    mutating func receive(into buffer: inout [UInt8]) throws(SystemError) -> Int
}

extension NetlinkTransport where Self: ~Copyable {
    /// Sends a request and hands every message of the reply to `body`.
    ///
    /// A dump during which the kernel's list changed, or of which a datagram was lost or did not fit the buffer, is
    /// asked for again, at most three times: `restart` is called, and all messages come anew.
    ///
    /// - Parameters:
    ///   - request: the request; it gets a new sequence number.
    ///   - buffer: memory for the datagrams, at least 8 KiB, which grows as needed; 32 KiB let the kernel fill its largest.
    ///   - restart: forgets what earlier messages said.
    ///   - body: reads one message.
    /// - Returns: how many times a datagram's rest could not be read because a message in it was malformed.
    /// - Throws: what the kernel refuses the request with, and its explanation; `EINTR` where a dump never was consistent.
    @discardableResult
    public mutating func perform(
        _ request: inout NetlinkRequest, buffer: inout [UInt8], restart: () -> Void = {},
        _ body: (borrowing NetlinkMessage) -> Void
    ) throws(SystemError) -> Int {
        for _ in 0..<4 {
            let reply = try attempt(&request, buffer: &buffer, body)
            if !reply.isIncomplete { return reply.malformed }
            restart()
        }
        throw SystemError("netlink", request.name + " did not come to a consistent end", errno: interruptedCall)
    }

    private mutating func attempt(
        _ request: inout NetlinkRequest, buffer: inout [UInt8], _ body: (borrowing NetlinkMessage) -> Void
    ) throws(SystemError) -> NetlinkReply {
        request.advanceSequence()
        var reply = NetlinkReply(to: request)
        try send(request)
        while !reply.isComplete {
            let length: Int
            do throws(SystemError) {
                length = try receive(into: &buffer)
            } catch {
                // The kernel had no memory for a datagram; what follows it still comes.
                guard error.errno == noBufferSpace, reply.datagrams < 1 << 16 else { throw error }
                reply.noteLoss()
                continue
            }
            let received = min(length, buffer.count)
            if received < length { reply.noteLoss() }
            try reply.read(buffer.span.extracting(first: received), body)
            if received < length, length <= largestBuffer {
                buffer.append(contentsOf: repeatElement(0, count: 2 * length - received))
            }
        }
        return reply
    }
}

/// `EINTR` and `ENOBUFS`, the same on all architectures of Linux.
private let interruptedCall: Int32 = 4
private let noBufferSpace: Int32 = 105
/// No datagram of the kernel's comes near.
private let largestBuffer = 1 << 20
