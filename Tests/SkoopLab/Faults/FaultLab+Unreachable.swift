// SPDX-License-Identifier: Apache-2.0

/// Why a host cannot be reached.
public enum UnreachableCause: String, Sendable, Hashable, CaseIterable {
    /// The client has no route to it: `ENETUNREACH` at once.
    case noRoute
    /// The client's own routing forbids it: `EACCES` at once.
    case prohibitedRoute
    /// Nobody in the client's network has the address: `EHOSTUNREACH` after three questions, 0.1 s each.
    case noNeighbour
    /// The server's firewall says that it is not allowed: ICMP to the client.
    case prohibited
    /// The server's firewall says that the host is unreachable: ICMP to the client.
    case hostUnreachable
}

extension FaultLab {
    /// Connects to an address that cannot be reached.
    public func connectToUnreachable(
        _ family: IPFamily, because cause: UnreachableCause, port: UInt16 = 7
    ) throws -> ConnectAttempt {
        switch cause {
        case .noRoute:
            return try client.tryToConnect(
                to: Endpoint(family, family == .v4 ? "192.0.2.9" : "2001:db8::9", port: port))
        case .prohibitedRoute:
            let address = family == .v4 ? "192.0.2.8" : "2001:db8::8"
            try client.ip("route add prohibit \(address)")
            defer { try? client.ip("route del prohibit \(address)") }
            return try client.tryToConnect(to: Endpoint(family, address, port: port))
        case .noNeighbour:
            let setting = "\(family == .v4 ? "ipv4" : "ipv6")/neigh/eth0/retrans_time_ms"
            try client.setting(setting, "100")
            defer { try? client.setting(setting, "1000") }
            return try client.tryToConnect(to: absentNeighbour(family, port: port))
        case .prohibited, .hostUnreachable:
            let server = server.endpoint(family, port: port)
            let rule = try NetfilterRule(
                on: self.server, .input, PacketMatch(.tcp, family, to: port),
                cause == .prohibited ? .rejectAsProhibited : .rejectAsHostUnreachable)
            let attempt = try client.tryToConnect(to: server)
            guard try rule.chosen().packets > 0 else { throw LabError("nothing was rejected") }
            return attempt
        }
    }

    /// An address in the client's network that nobody has.
    public func absentNeighbour(_ family: IPFamily, port: UInt16 = 7) -> Endpoint {
        Endpoint(family, subnet.addresses(network: 0, host: 99)[family] ?? "", port: port)
    }
}
