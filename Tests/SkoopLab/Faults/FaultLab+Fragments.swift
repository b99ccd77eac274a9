// SPDX-License-Identifier: Apache-2.0

extension FaultLab {
    /// Makes the router drop a share of the fragments but for the first of each datagram, and the server wait only a second
    /// for them. Needs ``Topology/routed``.
    public func loseFragments(_ family: IPFamily, choosing choice: PacketChoice) throws -> NetfilterRule {
        guard topology == .routed, let middle else { throw LabError("fragments get lost only on a router") }
        try server.setting("ipv4/ipfrag_time", "1")
        try server.setting("ipv6/ip6frag_time", "1")
        return try NetfilterRule(
            on: middle, .forward,
            expression: family == .v4 ? "ip frag-off & 0x1fff != 0" : "frag frag-off != 0", choosing: choice, .drop)
    }
}
