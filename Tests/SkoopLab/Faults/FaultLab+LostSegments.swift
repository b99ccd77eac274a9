// SPDX-License-Identifier: Apache-2.0

extension FaultLab {
    /// Makes first segments to a server's port vanish before its socket sees them.
    ///
    /// - Parameter choice: `.only(0)` for a connection that takes the initial retransmission timeout, a second, longer.
    public func loseSYN(
        _ family: IPFamily, port: UInt16, choosing choice: PacketChoice = .all
    ) throws -> NetfilterRule {
        try NetfilterRule(on: server, .input, PacketMatch(.tcp, family, to: port, .syn), choosing: choice, .drop)
    }

    /// Makes answers of the server to first segments vanish before the client's socket sees them.
    public func loseSYNACK(
        _ family: IPFamily, port: UInt16, choosing choice: PacketChoice = .all
    ) throws -> NetfilterRule {
        try NetfilterRule(on: client, .input, PacketMatch(.tcp, family, from: port, .synAck), choosing: choice, .drop)
    }
}
