// SPDX-License-Identifier: Apache-2.0

extension FaultLab {
    /// Makes every first segment to a server's port vanish before its socket sees it.
    public func loseSYN(_ family: IPFamily, port: UInt16) throws -> NetfilterRule {
        try NetfilterRule(on: server, .input, PacketMatch(.tcp, family, to: port, .syn), .drop)
    }

    /// Makes every answer of the server to a first segment vanish before the client's socket sees it.
    public func loseSYNACK(_ family: IPFamily, port: UInt16) throws -> NetfilterRule {
        try NetfilterRule(on: client, .input, PacketMatch(.tcp, family, from: port, .synAck), .drop)
    }
}
