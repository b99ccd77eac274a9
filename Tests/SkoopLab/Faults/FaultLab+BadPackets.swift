// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopTesting

/// What is wrong with a packet.
public enum PacketDefect: String, Sendable, Hashable, CaseIterable {
    /// A SYN to an open TCP port with a wrong checksum.
    case tcpChecksum
    /// A datagram to an open UDP port with a wrong checksum.
    case udpChecksum
    /// Data for an established connection with a time stamp from before it began: PAWS (RFC 7323 section 5).
    case oldTimestamp
    /// An acknowledgement for a connection that does not exist, to an open TCP port: answered with a reset.
    case strayAcknowledgement
    /// A datagram from an address that is not behind the device it comes from: `rp_filter`.
    case spoofedSource
}

/// Packets that were made by hand, and wrong.
public struct BadPackets: Sendable, Hashable {
    /// Where they say they come from.
    public var source: Endpoint
    /// Where they go to.
    public var destination: Endpoint
    /// What is wrong with them.
    public var defect: PacketDefect
    /// How many.
    public var count: Int
    /// The bytes of data in each.
    public var length: Int
}

extension FaultLab {
    /// Sends packets that the server's kernel must drop; from the client, by a raw socket.
    ///
    /// IPv6 has no `rp_filter`; there the server gets a netfilter rule that does the same (`fib`), which drops instead.
    public func sendBadPackets(
        _ family: IPFamily, _ defect: PacketDefect, count: Int = 3, port: UInt16 = 0
    ) throws -> BadPackets {
        switch defect {
        case .tcpChecksum, .strayAcknowledgement:
            let listener = try TCPListener(in: server, family, port: port)
            var segment = RawSegment(.tcp, from: client.endpoint(family, port: 40_000), to: listener.endpoint)
            segment.flags = defect == .tcpChecksum ? 2 : 16
            segment.checksumError = defect == .tcpChecksum ? 1 : 0
            return try send(segment, defect, count)
        case .udpChecksum:
            let receiver = try UDPSocket(in: server, family, port: port)
            var datagram = RawSegment(.udp, from: client.endpoint(family, port: 40_000), to: receiver.local)
            datagram.data = [UInt8](repeating: 0, count: 100)
            datagram.checksumError = 1
            return try send(datagram, defect, count) {
                // The kernel checks a datagram when somebody reads it; who polls before has those of IPv6 counted as IPv4.
                try receiver.socket.setTimeout(.milliseconds(100))
                var byte: UInt8 = 0
                guard recv(receiver.socket.rawValue, &byte, 1, 0) < 0 else {
                    throw LabError("a datagram with a wrong checksum was delivered")
                }
            }
        case .oldTimestamp:
            let listener = try TCPListener(in: server, family, port: port)
            let client = try self.client.connect(to: listener.endpoint)
            let accepted = try listener.accept()
            let numbers = try ConnectionNumbers(of: client)
            var segment = RawSegment(.tcp, from: client.local, to: accepted.local)
            (segment.sequence, segment.acknowledgement) = (numbers.sendSequence, numbers.receiveSequence)
            segment.flags = 24
            segment.timestamps = (numbers.timestamp &- 1_000_000, 0)
            segment.data = [UInt8](repeating: 0, count: 100)
            return try send(segment, defect, count) {
                guard try accepted.unread() == 0 else { throw LabError("data with an old time stamp was delivered") }
            }
        case .spoofedSource:
            let receiver = try UDPSocket(in: server, family, port: port)
            let source = Endpoint(family, family == .v4 ? "198.51.100.7" : "2001:db8:7::7", port: 40_000)
            var datagram = RawSegment(.udp, from: source, to: receiver.local)
            datagram.data = [UInt8](repeating: 0, count: 100)
            guard family == .v6 else {
                try server.setting("ipv4/conf/eth0/rp_filter", "1")
                defer { try? server.setting("ipv4/conf/eth0/rp_filter", "0") }
                return try send(datagram, defect, count)
            }
            let filter = try NetfilterRule(
                on: server, .prerouting, expression: "meta l4proto udp fib saddr . iif oif missing", .drop)
            return try send(datagram, defect, count) {
                guard try filter.chosen().packets == count else { throw LabError("no spoofed source was noticed") }
            }
        }
    }

    private func send(
        _ segment: RawSegment, _ defect: PacketDefect, _ count: Int, _ check: () throws -> Void = {}
    ) throws -> BadPackets {
        // The server's own witness that they were there.
        let arrived = try NetfilterRule(
            on: server, .prerouting,
            PacketMatch(
                segment.transport == .tcp ? .tcp : .udp, segment.source.family, from: segment.source.port,
                to: segment.destination.port), .accept, priority: -400)
        for _ in 0..<count { try segment.send(from: client) }
        guard try eventually({ try arrived.matched().packets >= count }) else {
            throw LabError("\(count) packets were sent and \(try arrived.matched().packets) arrived")
        }
        try check()
        return BadPackets(
            source: segment.source, destination: segment.destination, defect: defect, count: count,
            length: segment.data.count)
    }
}
