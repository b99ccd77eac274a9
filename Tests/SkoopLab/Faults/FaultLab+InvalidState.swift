// SPDX-License-Identifier: Apache-2.0

extension FaultLab {
    /// From now on the server tracks connections, takes those that it has not seen begin for invalid, and drops what is;
    /// until the value goes. Needs nf_conntrack.
    public func dropInvalid() throws -> NetfilterRule {
        // A rule that asks for the state makes the kernel track; without `loose` it wants to see the handshake.
        let rule = try NetfilterRule(on: server, .input, expression: "ct state invalid", .accept)
        try server.setting("netfilter/nf_conntrack_tcp_loose", "0")
        _ = consume rule
        return try NetfilterRule(on: server, .input, expression: "ct state invalid", .drop)
    }
}
