// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Whose addresses there are, as far as somebody knows.
///
/// An address may belong to several namespaces at once, since each has an address space of its own: seen from one of them
/// it is that one's, seen from elsewhere nobody's in particular. Loopback addresses do not belong here.
public struct PeerTable: Sendable {
    private struct Owner {
        var namespace: NamespaceID
        var peer: Peer
    }

    private var owners: [IPAddress: [Owner]] = [:]

    /// Makes a table that knows nobody.
    public init() {}

    /// How many addresses it knows.
    public var count: Int { owners.count }

    /// Adds an address; what it is in that namespace is replaced.
    ///
    /// - Parameters:
    ///   - address: the address; an IPv4 one inside IPv6 counts as what it is on the wire.
    ///   - peer: whose it is.
    ///   - namespace: the namespace that has it; 0 for what is not on this host.
    public mutating func add(_ address: IPAddress, of peer: Peer, in namespace: NamespaceID) {
        owners[address.unmapped, default: []].removeAll { $0.namespace == namespace }
        owners[address.unmapped, default: []].append(Owner(namespace: namespace, peer: peer))
    }

    /// Whose an address is.
    ///
    /// - Parameters:
    ///   - address: the address.
    ///   - namespace: where it was seen.
    /// - Returns: the owner in that namespace, else the only one there is; unknown where there is none, or several.
    public func peer(of address: IPAddress, seenIn namespace: NamespaceID) -> Peer {
        guard let owners = owners[address.unmapped], let first = owners.first else { return .unknown }
        if let own = owners.first(where: { $0.namespace == namespace }) { return own.peer }
        return owners.allSatisfy { $0.peer == first.peer } ? first.peer : .unknown
    }
}
