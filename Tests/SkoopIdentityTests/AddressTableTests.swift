// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import Testing

@Suite struct AddressTableTests {
    private let address = IPAddress(v4: 0x0a00_0002)
    private let one = NamespaceID(rawValue: 1)
    private let two = NamespaceID(rawValue: 2)

    @Test func tenuresBeginAndEnd() {
        var table = AddressTable()
        table.begin(address, in: one, after: 0)
        table.begin(address, in: two, after: 10)
        #expect(table.tenures[address]?.map(\.isCurrent) == [true, true])
        table.end(address, in: one, at: 20)
        // What is not there cannot end.
        table.end(address, in: one, at: 30)
        table.end(IPAddress(v4: 1), in: one, at: 30)
        #expect(
            table.tenures == [
                address: [.init(namespace: one, time: 0...20), .init(namespace: two, time: 10...UInt64.max)]
            ])
        table.forget(before: 20)
        #expect(table.tenures[address]?.count == 2)
        table.forget(before: 21)
        #expect(table.tenures == [address: [.init(namespace: two, time: 10...UInt64.max)]])
        table.end(address, in: two, at: 30)
        table.forget(before: 31)
        #expect(table == AddressTable())
    }

    @Test func thereIsAnEndToWhatIsKept() {
        var table = AddressTable()
        for number in 0..<UInt32(AddressTable.capacity + 5) { table.begin(IPAddress(v4: number), in: one, after: 0) }
        #expect(table.tenures.count == AddressTable.capacity && table.omitted == 5)
        // One that is known may have more owners.
        table.begin(IPAddress(v4: 0), in: two, after: 0)
        #expect(table.tenures[IPAddress(v4: 0)]?.count == 2)
        // What is forgotten makes room.
        table.end(IPAddress(v4: 1), in: one, at: 1)
        table.forget(before: 2)
        table.begin(address, in: two, after: 0)
        #expect(table.tenures.count == AddressTable.capacity && table.omitted == 5)
    }
}

@Suite struct CensusPeersTests {
    private let address = IPAddress(v4: 0x0a00_0002)
    private let node = NamespaceID(rawValue: 1)
    private let blue = NamespaceID(rawValue: 2)
    private let red = NamespaceID(rawValue: 3)

    private func inventory(_ mounts: [NamespaceID: String], _ addresses: AddressTable) -> HostInventory {
        var inventory = HostInventory(nodeNamespace: node, processes: [], mounts: mounts.mapValues { [$0] })
        inventory.addresses = addresses
        return inventory
    }

    private func named(_ name: String) -> Peer { Peer(kind: .pod, pod: "netns:" + name) }

    @Test func addressesNameTheEntitiesOfTheirNamespaces() {
        var resolver = EntityResolver(node: "a")
        var addresses = AddressTable()
        addresses.begin(address, in: blue, after: 0)
        addresses.begin(IPAddress(v6: 1 << 125 | 9), in: node, after: 0)
        addresses.begin(IPAddress(v4: 7), in: NamespaceID(rawValue: 99), after: 0)
        let census = resolver.resolve(inventory([blue: "/run/netns/blue"], addresses))
        #expect(census.peer(of: address, seenIn: red) == named("blue"))
        #expect(census.peer(of: IPAddress(v6: 1 << 125 | 9), seenIn: blue) == Peer(kind: .node, node: "a"))
        // Nobody has listed that namespace.
        #expect(census.peer(of: IPAddress(v4: 7), seenIn: blue) == .unknown)
        // Everybody has a loopback of their own.
        for loopback in [IPAddress(v4: 0x7f00_0001), IPAddress(v6: 1), IPAddress(v6: 0xffff_7f00_0002)] {
            #expect(census.peer(of: loopback, seenIn: blue) == named("blue"))
            #expect(census.peer(of: loopback, seenIn: node) == Peer(kind: .node, node: "a"))
            #expect(census.peer(of: loopback, seenIn: red) == .unknown)
        }
    }

    /// An address goes from one namespace to the next: what happened belongs to who had it when it happened.
    @Test func addressesAreFollowedInTime() {
        var resolver = EntityResolver(node: "a")
        var addresses = AddressTable()
        addresses.begin(address, in: blue, after: 0)
        let mounts = [blue: "/run/netns/blue", red: "/run/netns/red"]
        _ = resolver.resolve(inventory(mounts, addresses))
        addresses.end(address, in: blue, at: 2000)
        addresses.begin(address, in: red, after: 1000)
        // The namespace that had it is gone too.
        let census = resolver.resolve(inventory([red: "/run/netns/red"], addresses))
        func peer(at time: UInt64?) -> Peer { census.peers.peer(of: address, seenIn: node, at: time) }
        #expect(peer(at: nil) == named("red"))
        #expect(peer(at: 999) == named("blue"))
        // Between the two looks nobody knows.
        #expect(peer(at: 1500) == .unknown)
        #expect(peer(at: 2001) == named("red"))
        #expect(census.peers.peer(of: address, seenIn: red, at: 1500) == named("red"))
        addresses.forget(before: 3000)
        let later = resolver.resolve(inventory([red: "/run/netns/red"], addresses))
        #expect(later.peers.peer(of: address, seenIn: node, at: 999) == .unknown)
    }

    /// The kernel gives the number of a namespace that is gone to the next one.
    @Test func anotherNamespaceOfTheSameNumberIsAnother() {
        var resolver = EntityResolver(node: "a")
        var addresses = AddressTable()
        addresses.begin(address, in: blue, after: 0)
        _ = resolver.resolve(inventory([blue: "/run/netns/old"], addresses))
        addresses.end(address, in: blue, at: 2000)
        addresses.begin(address, in: blue, after: 1000)
        let census = resolver.resolve(inventory([blue: "/run/netns/new"], addresses))
        #expect(census.peers.peer(of: address, seenIn: node, at: 500) == named("old"))
        #expect(census.peers.peer(of: address, seenIn: node, at: 2500) == named("new"))
        #expect(census.peers.peer(of: address, seenIn: node) == named("new"))
    }
}
