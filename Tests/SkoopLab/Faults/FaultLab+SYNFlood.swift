// SPDX-License-Identifier: Apache-2.0

extension FaultLab {
    /// Sends SYNs to a port from addresses far away whose owners, if there were any, never hear the answers: those vanish
    /// at the router as long as the value lives. Needs ``Topology/routed``.
    public func vanishAnswers(of server: Endpoint) throws -> NetfilterRule {
        guard topology == .routed, let middle else { throw LabError("answers vanish at a router only") }
        return try NetfilterRule(
            on: middle, .prerouting, PacketMatch(.tcp, server.family, from: server.port, .synAck), .drop)
    }

    /// Sends one SYN with a forged source.
    ///
    /// - Parameter number: chooses the source, from 0 to 9999.
    public func forgeSYN(number: Int, to server: Endpoint) throws {
        let address = server.family == .v4 ? "198.51.100.\(number % 250 + 1)" : "2001:db8:7::\(number % 250 + 1)"
        var segment = RawSegment(
            .tcp, from: Endpoint(server.family, address, port: UInt16(1024 + number)), to: server)
        segment.sequence = UInt32.random(in: 0 ... .max)
        segment.flags = 2
        try segment.send(from: client)
    }
}
