// SPDX-License-Identifier: Apache-2.0
internal import SkoopModel
internal import SkoopSystem

/// One direction of a tracked connection.
///
/// Source: `ctnetlink_dump_tuples` in `net/netfilter/nf_conntrack_netlink.c`; numbers are in network byte order.
struct ConntrackTuple: Hashable, Sendable {
    /// What ICMP has in the place of ports.
    struct ICMP: Hashable, Sendable {
        var type: UInt8 = 0
        var code: UInt8 = 0
        var identifier: UInt16 = 0
    }

    /// The ends; without ports where the protocol has none.
    var ends: PacketTuple
    /// Of ICMP and ICMPv6.
    var icmp: ICMP?

    /// Reads what a `CTA_TUPLE_*` attribute consists of; nil where an end is missing.
    init?(_ attributes: consuming NetlinkAttributes) {
        var ends = Ends()
        while let attribute = attributes.next() {
            switch attribute.type {
            case 1: ends.readAddresses(attribute.nested)
            case 2: ends.readProtocol(attribute.nested)
            default: break
            }
        }
        guard !attributes.isMalformed, !ends.isMalformed, let source = ends.source, let destination = ends.destination
        else { return nil }
        self.ends = PacketTuple(
            protocolNumber: ends.number, source: .init(source, port: ends.sourcePort),
            destination: .init(destination, port: ends.destinationPort))
        icmp = ends.icmp
    }

    private struct Ends {
        var source: IPAddress?
        var destination: IPAddress?
        var number: UInt8 = 0
        var sourcePort: UInt16 = 0
        var destinationPort: UInt16 = 0
        var icmp: ICMP?
        var isMalformed = false

        /// `CTA_IP_*`.
        mutating func readAddresses(_ attributes: consuming NetlinkAttributes) {
            while let attribute = attributes.next() {
                switch attribute.type {
                case 1, 3: source = IPAddress(attribute.payload)
                case 2, 4: destination = IPAddress(attribute.payload)
                default: break
                }
            }
            isMalformed = isMalformed || attributes.isMalformed
        }

        /// `CTA_PROTO_*`.
        mutating func readProtocol(_ attributes: consuming NetlinkAttributes) {
            while let attribute = attributes.next() {
                let byte = attribute.payload.integer(as: UInt8.self) ?? 0
                let short = attribute.payload.integer(as: UInt16.self)?.byteSwapped ?? 0
                switch attribute.type {
                case 1: number = byte
                case 2: sourcePort = short
                case 3: destinationPort = short
                case 4, 7: icmp = icmp ?? ICMP(); icmp?.identifier = short
                case 5, 8: icmp = icmp ?? ICMP(); icmp?.type = byte
                case 6, 9: icmp = icmp ?? ICMP(); icmp?.code = byte
                default: break
                }
            }
            isMalformed = isMalformed || attributes.isMalformed
        }
    }
}

extension IPAddress {
    /// An address of 4 or 16 bytes in network order; nil for any other number.
    init?(_ bytes: Span<UInt8>) {
        switch bytes.count {
        case 4:
            guard let bits = bytes.integer(as: UInt32.self) else { return nil }
            self.init(v4: bits.byteSwapped)
        case 16:
            guard let high = bytes.integer(as: UInt64.self), let low = bytes.integer(at: 8, as: UInt64.self) else {
                return nil
            }
            self.init(v6: UInt128(high.byteSwapped) << 64 | UInt128(low.byteSwapped))
        default: return nil
        }
    }
}
