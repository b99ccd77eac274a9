// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Whose addresses there are, as far as somebody knows.
///
/// An address may belong to several namespaces at once, since each has an address space of its own: seen from one of them
/// it is that one's, seen from elsewhere nobody's in particular. It may belong to one after the other: what happened at a
/// moment is asked for with that. Loopback addresses do not belong here.
public struct PeerTable: Sendable {
    private struct Owner {
        var namespace: NamespaceID
        var peer: Peer
        var time: ClosedRange<UInt64>

        func isOwner(at moment: UInt64?) -> Bool {
            moment.map { time.contains($0) } ?? (time.upperBound == .max)
        }
    }

    private var owners: [IPAddress: [Owner]] = [:]
    /// Who is asked for what this table does not know.
    public var others: [any PeerSource] = []

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
    ///   - time: since when and until when, in nanoseconds of `CLOCK_MONOTONIC`; see ``AddressTable/Tenure/time``.
    public mutating func add(
        _ address: IPAddress, of peer: Peer, in namespace: NamespaceID, time: ClosedRange<UInt64> = 0...UInt64.max
    ) {
        owners[address.unmapped, default: []].removeAll {
            $0.namespace == namespace && $0.time.upperBound == time.upperBound
        }
        owners[address.unmapped, default: []].append(Owner(namespace: namespace, peer: peer, time: time))
    }

    /// Whose an address is.
    ///
    /// - Parameters:
    ///   - address: the address.
    ///   - namespace: where it was seen.
    ///   - moment: when, in nanoseconds of `CLOCK_MONOTONIC`; now by default.
    /// - Returns: the owner in that namespace, else the only one there is; where there is none, or several, whom the
    ///   others know; else unknown.
    public func peer(of address: IPAddress, seenIn namespace: NamespaceID, at moment: UInt64? = nil) -> Peer {
        let own = ownPeer(of: address, seenIn: namespace, at: moment)
        guard own == .unknown, !others.isEmpty else { return own }
        for other in others {
            let peer = other.peer(of: address.unmapped, at: moment)
            if peer != .unknown { return peer }
        }
        return .unknown
    }

    private func ownPeer(of address: IPAddress, seenIn namespace: NamespaceID, at moment: UInt64?) -> Peer {
        guard let all = owners[address.unmapped] else { return .unknown }
        var found: Peer?
        var isUnique = true
        for owner in all where owner.isOwner(at: moment) {
            if owner.namespace == namespace { return owner.peer }
            if let found, found != owner.peer { isUnique = false }
            found = owner.peer
        }
        return isUnique ? found ?? .unknown : .unknown
    }
}

extension PeerTable {
    /// The owners of a census's addresses.
    ///
    /// - Parameter earlier: who owned those that have gone.
    init(of census: Census, after earlier: PeerTable) {
        let addresses = census.inventory.addresses
        owners.reserveCapacity(addresses.tenures.count)
        for (address, tenures) in addresses.tenures {
            for tenure in tenures {
                guard let peer = census.owner(of: tenure) ?? earlier.owner(of: address, tenure) else { continue }
                add(address, of: peer, in: tenure.namespace, time: tenure.time)
            }
        }
    }

    private func owner(of address: IPAddress, _ tenure: AddressTable.Tenure) -> Peer? {
        owners[address]?.first {
            $0.namespace == tenure.namespace && $0.time.lowerBound == tenure.time.lowerBound
        }?.peer
    }
}

extension Census {
    /// Who has an address now, or had it as far as births tell; the number of a namespace that has gone may be another's by
    /// now.
    fileprivate func owner(of tenure: AddressTable.Tenure) -> Peer? {
        let gone = departed.first { $0.id == tenure.namespace && $0.cookie == tenure.cookie && $0.cookie != 0 }
        let index = gone?.entity ?? (tenure.isCurrent ? entityOfNamespace[tenure.namespace] : nil)
        guard let index else { return nil }
        return Peer(entities.entities[Int(index)], node: entities.node)
    }

    /// Whose an address is, seen from a namespace; a loopback address is that of who has the namespace.
    ///
    /// - Parameters:
    ///   - address: the address.
    ///   - namespace: where it was seen.
    ///   - moment: when, in nanoseconds of `CLOCK_MONOTONIC`; now by default.
    public func peer(of address: IPAddress, seenIn namespace: NamespaceID, at moment: UInt64? = nil) -> Peer {
        guard address.unmapped.isLoopback else { return peers.peer(of: address, seenIn: namespace, at: moment) }
        let index = entityOfNamespace[namespace] ?? (departed.isEmpty ? nil : entityOfDepartedNumber[namespace])
        return index.map { Peer(entities.entities[Int($0)], node: entities.node) } ?? .unknown
    }
}
