// SPDX-License-Identifier: Apache-2.0

/// A place among what netfilter calls for each packet of a network namespace.
public struct NetfilterPlace: Sendable, Hashable, CustomStringConvertible {
    /// Whose packets, `NFPROTO_…` of `include/uapi/linux/netfilter.h`.
    public enum Family: UInt32, Sendable, Hashable, CaseIterable {
        /// IPv4.
        case ipv4 = 2
        /// IPv6.
        case ipv6 = 10
    }

    /// Where in the IP layer, `NF_INET_…` of `include/uapi/linux/netfilter.h`.
    public enum Point: UInt32, Sendable, Hashable, CaseIterable {
        /// Received packets before they are routed.
        case prerouting = 0
        /// Packets for this host.
        case localIn = 1
        /// Packets that go on to another host.
        case forward = 2
        /// Packets of this host before they are routed for good.
        case localOut = 3
        /// Packets that leave.
        case postrouting = 4
    }

    /// Whose packets.
    public var family: Family
    /// Where in the IP layer.
    public var point: Point
    /// The lower, the earlier. The lowest and the highest number are netfilter's own, and no two programs of a namespace
    /// can have the same.
    public var priority: Int32

    /// Makes a place.
    public init(_ family: Family, _ point: Point, priority: Int32) {
        self.family = family
        self.point = point
        self.priority = priority
    }

    /// Family, point and priority, as in `ipv6/localIn/0`.
    public var description: String { "\(family)/\(point)/\(priority)" }
}
