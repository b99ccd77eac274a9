// SPDX-License-Identifier: Apache-2.0

/// A router behind which packets must be shorter, and which does not say so; put right when the value goes.
///
/// What the client sends in packets longer than ``mtu`` is lost: IPv4 forbids fragments and IPv6 knows none, and the
/// ICMP message that would tell the client is dropped.
public struct MTUBlackHole: ~Copyable, Sendable {
    /// The longest packet that passes, in bytes with the IP header.
    public let mtu: Int
    private let lab: (router: LabHost, server: LabHost)
    private let rule: NetfilterRule
    private let gateways: [String]

    fileprivate init(
        _ family: IPFamily, _ router: LabHost, _ server: LabHost, _ subnet: Subnet, mtu: Int
    ) throws {
        let rule = try NetfilterRule(on: router, .output, PacketMatch(.packetTooBig, family), .drop)
        try Self.setMTU(mtu, router, server)
        // The server must not say by itself how short the segments have to be.
        let gateways = IPFamily.allCases.map { subnet.routerAddress($0, network: 1) }
        for (gateway, length) in zip(gateways, [1460, 1440]) {
            try server.ip("route replace default via \(gateway) advmss \(length)")
        }
        self.gateways = gateways
        self.rule = rule
        self.mtu = mtu
        lab = (router, server)
    }

    /// How many ICMP messages were dropped.
    public func silenced() throws -> Int { try rule.chosen().packets }

    private static func setMTU(_ mtu: Int, _ router: LabHost, _ server: LabHost) throws {
        try router.ip("link set server0 mtu \(mtu)")
        try server.ip("link set eth0 mtu \(mtu)")
    }

    deinit {
        try? Self.setMTU(1500, lab.router, lab.server)
        for gateway in gateways { try? lab.server.ip("route replace default via \(gateway)") }
    }
}

extension FaultLab {
    /// Makes the way from the router to the server narrow, and keeps the router from saying so. Needs ``Topology/routed``.
    ///
    /// - Parameter mtu: at least 1280, which IPv6 wants.
    public func blackHoleLongPackets(_ family: IPFamily, mtu: Int = 1300) throws -> MTUBlackHole {
        guard topology == .routed, let middle else { throw LabError("an MTU black hole needs a router in the middle") }
        return try MTUBlackHole(family, middle, server, subnet, mtu: mtu)
    }
}
