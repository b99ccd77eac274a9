// SPDX-License-Identifier: Apache-2.0
internal import SkoopModel
internal import SkoopSystem

/// What is heard of one namespace's connection tracking.
struct ConntrackPlace: Sendable {
    /// The socket, in an array that holds no noncopyable values.
    final class Ear: Sendable {
        let listener: NetlinkListener

        init(_ listener: consuming NetlinkListener) { self.listener = listener }
    }

    /// How messages fared.
    struct Tally: Sendable {
        /// Messages that were read.
        var received: UInt64 = 0
        /// Of them, those that could not be understood.
        var discarded: UInt64 = 0
        /// Messages that found the buffer full.
        var lost: UInt64 = 0

        static func += (sum: inout Tally, other: Tally) {
            sum.received += other.received
            sum.discarded += other.discarded
            sum.lost += other.lost
        }
    }

    let namespace: NamespaceID
    let ear: Ear
    private(set) var counts = ConntrackEventCounts()
    private var read = Tally()
    private var lastLost: UInt32 = 0

    init(_ namespace: NamespaceID, _ ear: Ear) {
        self.namespace = namespace
        self.ear = ear
    }

    /// How messages fared until now.
    mutating func tally() -> Tally {
        let lost = ear.listener.lost
        read.lost += UInt64(lost &- lastLost)
        lastLost = lost
        return read
    }

    /// Hands over what is there.
    ///
    /// - Parameters:
    ///   - limit: how many messages at most.
    ///   - buffer: memory for one.
    /// - Returns: how many there were.
    mutating func drain(
        atMost limit: Int, _ buffer: inout [UInt8], _ clock: ConntrackClock, _ deliver: (ProbeEvent) -> Void
    ) -> Int {
        var count = 0
        while count < limit {
            let length: Int
            do throws(SystemError) {
                guard let next = try ear.listener.receive(into: &buffer) else { return count }
                length = next
            } catch {
                // A kernel that does not go on after a loss says so once, and has counted what was lost.
                guard error.errno == noBufferSpace else { return count }
                count += 1
                continue
            }
            count += 1
            take(buffer.span.extracting(first: min(length, buffer.count)), clock, deliver)
        }
        return count
    }

    /// Takes in a datagram, whose messages are events each.
    mutating func take(_ datagram: Span<UInt8>, _ clock: ConntrackClock, _ deliver: (ProbeEvent) -> Void) {
        var messages = NetlinkMessages(datagram)
        while let message = messages.next() {
            read.received += 1
            guard let kind = ConntrackKind(type: message.type, flags: message.flags) else {
                deliver(ProbeEvent(unknownConntrack: message.type, in: namespace, clock))
                continue
            }
            guard let entry = ConntrackEntry(message, of: kind) else {
                read.discarded += 1
                continue
            }
            counts.count(kind, entry)
            deliver(ProbeEvent(entry, kind, in: namespace, clock))
        }
        if messages.isMalformed {
            read.received += 1
            read.discarded += 1
        }
    }
}

/// `ENOBUFS`.
private let noBufferSpace: Int32 = 105
