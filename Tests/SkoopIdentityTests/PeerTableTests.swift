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
}
