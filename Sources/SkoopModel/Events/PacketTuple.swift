// SPDX-License-Identifier: Apache-2.0

/// The ends of a packet or a connection, as the kernel has them.
public struct PacketTuple: Hashable, Sendable {
    /// One end.
    public struct End: Hashable, Sendable {
        /// The address.
        public var address: IPAddress
        /// The port; 0 where the protocol has none.
        public var port: UInt16

        /// Makes an end.
        public init(_ address: IPAddress, port: UInt16 = 0) {
            self.address = address
            self.port = port
        }
    }

    /// The number of the protocol above IP (`IPPROTO_…`).
    public var protocolNumber: UInt8
    /// Who sent the packet; of a connection, the own end.
    public var source: End
    /// Who was to get it; of a connection, the other end.
    public var destination: End

    /// Makes a tuple.
    public init(protocolNumber: UInt8, source: End, destination: End) {
        self.protocolNumber = protocolNumber
        self.source = source
        self.destination = destination
    }

    /// KubeSkoop's name of the protocol: `TCP`, `UDP`, `ICMP`, `ICMP6`, else `IP`.
    public var protocolName: String {
        switch protocolNumber {
        case 1: "ICMP"
        case 6: "TCP"
        case 17: "UDP"
        case 58: "ICMP6"
        default: "IP"
        }
    }

    /// The packet that goes the other way.
    public var reversed: PacketTuple {
        PacketTuple(protocolNumber: protocolNumber, source: destination, destination: source)
    }
}
