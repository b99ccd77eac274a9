// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import Testing

@Suite struct PeerTableTests {
    let web = Peer(kind: .pod, namespace: "shop", pod: "web")
    let db = Peer(kind: .pod, namespace: "shop", pod: "db")
    let address = IPAddress(v4: 0x0a00_0002)

    @Test func theOnlyOwnerIsKnownEverywhere() {
        var table = PeerTable()
        table.add(address, of: web, in: NamespaceID(rawValue: 1))
        #expect(table.peer(of: address, seenIn: NamespaceID(rawValue: 9)) == web)
        #expect(table.peer(of: IPAddress(v6: 0xffff_0a00_0002), seenIn: NamespaceID(rawValue: 9)) == web)
        #expect(table.peer(of: IPAddress(v6: 0x0a00_0002), seenIn: NamespaceID(rawValue: 9)) == .unknown)
        #expect(table.peer(of: IPAddress(v4: 1), seenIn: NamespaceID(rawValue: 9)) == .unknown)
        #expect(table.count == 1)
    }

    @Test func anAddressOfSeveralIsOnlyKnownAtHome() {
        var table = PeerTable()
        table.add(address, of: web, in: NamespaceID(rawValue: 1))
        table.add(address, of: db, in: NamespaceID(rawValue: 2))
        #expect(table.peer(of: address, seenIn: NamespaceID(rawValue: 1)) == web)
        #expect(table.peer(of: address, seenIn: NamespaceID(rawValue: 2)) == db)
        #expect(table.peer(of: address, seenIn: NamespaceID(rawValue: 3)) == .unknown)
        // One pod may have it twice, and be replaced.
        table.add(address, of: web, in: NamespaceID(rawValue: 2))
        #expect(table.peer(of: address, seenIn: NamespaceID(rawValue: 3)) == web)
    }

    private struct Elsewhere: PeerSource {
        var peers: [IPAddress: Peer]
        func peer(of address: IPAddress, at moment: UInt64?) -> Peer {
            moment == 7 ? .unknown : peers[address] ?? .unknown
        }
    }

    @Test func othersAreAskedForWhatNobodyHereHas() {
        var table = PeerTable()
        table.add(address, of: web, in: NamespaceID(rawValue: 1))
        table.add(IPAddress(v4: 2), of: web, in: NamespaceID(rawValue: 1))
        table.add(IPAddress(v4: 2), of: db, in: NamespaceID(rawValue: 2))
        table.add(IPAddress(v4: 3), of: .unknown, in: NamespaceID(rawValue: 1))
        table.others = [
            Elsewhere(peers: [IPAddress(v4: 2): db]),
            Elsewhere(peers: [address: db, IPAddress(v4: 2): web, IPAddress(v4: 3): db, IPAddress(v4: 4): db]),
        ]
        func peer(_ address: IPAddress, at moment: UInt64? = nil) -> Peer {
            table.peer(of: address, seenIn: NamespaceID(rawValue: 9), at: moment)
        }
        #expect(peer(address) == web)
        // Of several that have it here it is the one that has it in the cluster.
        #expect(
            peer(IPAddress(v4: 2)) == db && table.peer(of: IPAddress(v4: 2), seenIn: NamespaceID(rawValue: 1)) == web)
        #expect(
            peer(IPAddress(v4: 3)) == db && peer(IPAddress(v4: 4)) == db && peer(IPAddress(v6: 0xffff_0000_0004)) == db)
        #expect(peer(IPAddress(v4: 4), at: 7) == .unknown && peer(IPAddress(v4: 5)) == .unknown)
    }
}
