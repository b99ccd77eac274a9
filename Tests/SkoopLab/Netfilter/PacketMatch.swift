// SPDX-License-Identifier: Apache-2.0

/// Which packets a rule is about; what is left out matches every packet.
public struct PacketMatch: Sendable, Hashable {
    /// A protocol above IP.
    public enum Transport: String, Sendable, Hashable, CaseIterable {
        /// TCP.
        case tcp
        /// UDP.
        case udp
        /// ICMP and ICMPv6.
        case icmp
        /// The ICMP messages that say that a packet is too long: IPv4's "fragmentation needed", IPv6's "packet too big".
        case packetTooBig
    }

    /// A kind of TCP segment.
    public enum Segment: String, Sendable, Hashable, CaseIterable {
        /// The first of the client.
        case syn
        /// The server's answer to it.
        case synAck
        /// One that resets the connection.
        case reset
        /// One with at least 100 bytes of data.
        case data
    }

    /// The version of IP.
    public var family: IPFamily?
    /// The protocol above IP.
    public var transport: Transport?
    /// The port it comes from; only with TCP or UDP.
    public var sourcePort: UInt16?
    /// The port it goes to; only with TCP or UDP.
    public var destinationPort: UInt16?
    /// The kind of segment; only with TCP.
    public var segment: Segment?

    /// Matches by what is given.
    public init(
        _ transport: Transport? = nil, _ family: IPFamily? = nil, from sourcePort: UInt16? = nil,
        to destinationPort: UInt16? = nil, _ segment: Segment? = nil
    ) {
        self.family = family
        self.transport = transport
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.segment = segment
    }

    /// The nftables expression.
    var expression: String {
        var words: [String] = []
        if let family { words.append("meta nfproto \(family.netfilterName)") }
        switch transport {
        case .icmp: words.append("meta l4proto { icmp, ipv6-icmp }")
        // Type and code: 3 and 4 of ICMP, 2 and 0 of ICMPv6, both of which mean nothing in the other.
        case .packetTooBig: words.append("meta l4proto { icmp, ipv6-icmp } @th,0,16 { 0x0304, 0x0200 }")
        case let transport?: words.append("meta l4proto \(transport.rawValue)")
        case nil: break
        }
        if let sourcePort { words.append("th sport \(sourcePort)") }
        if let destinationPort { words.append("th dport \(destinationPort)") }
        switch segment {
        case .syn: words.append("tcp flags & (syn | ack) == syn")
        case .synAck: words.append("tcp flags & (syn | ack) == (syn | ack)")
        case .reset: words.append("tcp flags & rst == rst")
        // IPv6's and TCP's longest usual headers are 40 and 60 bytes: what is longer than this has data.
        case .data: words.append("meta length >= 200")
        case nil: break
        }
        return words.joined(separator: " ")
    }
}
