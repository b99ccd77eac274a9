// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopLab
import SkoopModel
import SkoopSystem
import SkoopTesting
import Testing

@testable import SkoopProbes

extension AddressReader {
    /// Looks as the inventory does.
    fileprivate mutating func look(at namespaces: [NetworkNamespace], node: NamespaceID, now: UInt64) -> AddressTable {
        let generations = generations()
        return look(at: namespaces, generations, node: node, now: now)
    }
}

@Suite struct AddressMessageTests {
    /// An `RTM_NEWADDR` with attributes.
    private func message(
        _ family: UInt8, device: UInt8 = 2, _ attributes: [(type: UInt16, value: [UInt8])]
    ) -> [UInt8] {
        var body: [UInt8] = [family, 24, 0, 0, device, 0, 0, 0]
        for (type, value) in attributes {
            body += [UInt8(4 + value.count), 0, UInt8(type), 0] + value
        }
        return [UInt8(16 + body.count), 0, 0, 0, 20, 0, 2, 0] + [UInt8](repeating: 0, count: 8) + body
    }

    private func read(_ messages: [UInt8]..., without device: UInt32 = 0) throws -> Set<IPAddress> {
        let done: [UInt8] = [20, 0, 0, 0, 3, 0, 2, 0] + [UInt8](repeating: 0, count: 12)
        var transport = ReplayTransport { _ in messages.flatMap { $0 } + done }
        var request = AddressRequest()
        return try request.read(&transport, without: device)
    }

    private let v6: [UInt8] = [0xfd, 0] + [UInt8](repeating: 0, count: 13) + [9]

    @Test func theOwnEndIsRead() throws {
        let addresses = try read(
            message(2, [(1, [10, 0, 0, 1]), (2, [10, 0, 0, 1])]),
            // Both ends of a link have addresses, in either order.
            message(2, [(1, [10, 0, 0, 9]), (2, [10, 0, 0, 2])]),
            message(2, [(2, [10, 0, 0, 3]), (1, [10, 0, 0, 9])]),
            message(10, [(1, v6)]))
        #expect(
            addresses == [
                IPAddress(v4: 0x0a00_0001), IPAddress(v4: 0x0a00_0002), IPAddress(v4: 0x0a00_0003),
                try #require(IPAddress(bytes: v6)),
            ])
    }

    @Test func whatIsNobodysInParticularIsLeftOut() throws {
        let local: [UInt8] = [0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [9]
        let loopback = [UInt8](repeating: 0, count: 15) + [1]
        #expect(
            try read(
                message(2, [(1, [127, 0, 0, 1])]), message(2, [(2, [169, 254, 7, 7])]), message(10, [(1, local)]),
                message(10, [(1, loopback)])
            ).isEmpty)
        // Those of a device that holds the addresses of services.
        #expect(
            try read(message(2, device: 5, [(2, [10, 96, 0, 1])]), message(2, [(2, [10, 0, 0, 1])]), without: 5)
                == [IPAddress(v4: 0x0a00_0001)])
    }

    @Test func whatIsMalformedIsNoAddress() throws {
        let whole = message(2, [(1, [10, 0, 0, 1]), (2, [10, 0, 0, 1])])
        for bad in [
            message(2, [(2, v6)]), message(10, [(1, [10, 0, 0, 1])]), message(3, [(1, [10, 0, 0, 1])]), message(2, []),
        ] {
            #expect(try read(bad, whole) == [IPAddress(v4: 0x0a00_0001)])
        }
        for length in 16..<whole.count {
            var cut = Array(whole[..<length])
            cut[0] = UInt8(length)
            var transport = ReplayTransport { _ in cut }
            var request = AddressRequest()
            // The end of the list is missing; whatever was read, the reader says so.
            #expect(throws: SystemError.self) { try request.read(&transport) }
        }
    }
}

@Suite(.serialized, .requiresRoot) struct AddressReaderTests {
    /// The addresses that `ip` shows, but loopback's and those of a link.
    private func witness(_ arguments: String...) throws -> Set<String> {
        struct Link: Decodable {
            struct Address: Decodable {
                var local: String?
                var scope: String
            }
            var addr_info: [Address]?
        }
        let output = try run(["ip"] + arguments + ["-j", "address"])
        let links = try JSONDecoder().decode([Link].self, from: Data(output.utf8))
        return Set(links.flatMap { $0.addr_info ?? [] }.filter { $0.scope == "global" }.compactMap(\.local))
    }

    private func current(_ table: AddressTable, _ namespace: NamespaceID) -> Set<String> {
        Set(
            table.tenures.filter { $0.value.contains { $0.namespace == namespace && $0.isCurrent } }
                .map { $0.key.description })
    }

    @Test(arguments: [true, false]) func findsWhatTheWitnessFinds(usesPass: Bool) throws {
        let network = try VethNetwork.make()
        var reader = AddressReader(.init(), usesPass: usesPass)
        let node = try NamespaceID.ofProcess(getpid())
        let namespaces = [
            NetworkNamespace(id: node, pid: getpid()), NetworkNamespace(mountOf: network.left),
            NetworkNamespace(mountOf: network.right),
        ]
        var now: UInt64 = 1_000_000_000_000
        let first = reader.look(at: namespaces, node: node, now: now)
        #expect(current(first, namespaces[1].id) == ["10.77.0.1", "fd77::1"])
        #expect(try current(first, namespaces[1].id) == witness("-n", network.left.name))
        #expect(try current(first, node) == witness())

        // An address moves to the other namespace.
        try run("ip", "-n", network.left.name, "address", "add", "10.99.0.1/24", "dev", "eth0")
        try run("ip", "-n", network.left.name, "address", "add", "fd99::1/64", "dev", "eth0", "nodad")
        now += 20_000_000_000
        let second = reader.look(at: namespaces, node: node, now: now)
        #expect(current(second, namespaces[1].id) == ["10.77.0.1", "10.99.0.1", "fd77::1", "fd99::1"])
        for (address, length) in [("10.99.0.1", 24), ("fd99::1", 64)] {
            try run("ip", "-n", network.left.name, "address", "del", "\(address)/\(length)", "dev", "eth0")
            try run(
                ["ip", "-n", network.right.name, "address", "add", "\(address)/\(length)", "dev", "eth0"]
                    + (length == 64 ? ["nodad"] : []))
        }
        let before = now
        now += 20_000_000_000
        let third = reader.look(at: namespaces, node: node, now: now)
        #expect(current(third, namespaces[1].id) == ["10.77.0.1", "fd77::1"])
        #expect(current(third, namespaces[2].id) == ["10.77.0.2", "10.99.0.1", "fd77::2", "fd99::1"])
        let moved = IPAddress(v4: 0x0a63_0001)
        let tenures = try #require(third.tenures[moved])
        #expect(tenures.map(\.namespace) == [namespaces[1].id, namespaces[2].id])
        #expect(tenures.map(\.time) == [before - 20_000_000_000...now, before...UInt64.max])
        // Without the one pass, and before 5.19, namespaces have no cookie.
        #expect(tenures[0].cookie != tenures[1].cookie || tenures[0].cookie == 0)

        // A namespace goes, and the past is forgotten.
        now += 1_000_000_000
        let fourth = reader.look(at: [namespaces[0], namespaces[1]], node: node, now: now)
        #expect(current(fourth, namespaces[2].id).isEmpty && fourth.tenures[moved]?.count == 2)
        now += 20_000_000_000
        let fifth = reader.look(at: [namespaces[0], namespaces[1]], node: node, now: now)
        #expect(fifth.tenures[moved] == nil)
    }

    /// With the pass nothing is asked again that has not changed; without it, everything is now and then.
    @Test func changesAreSeenAtOnceOnlyWithThePass() throws {
        let namespace = try TestNamespace()
        let node = try NamespaceID.ofProcess(getpid())
        let namespaces = [NetworkNamespace(mountOf: namespace)]
        var quick = AddressReader(.init())
        var slow = AddressReader(.init(), usesPass: false)
        var now: UInt64 = 1_000_000_000_000
        _ = quick.look(at: namespaces, node: node, now: now)
        _ = slow.look(at: namespaces, node: node, now: now)
        try run("ip", "-n", namespace.name, "address", "add", "10.98.0.1/24", "dev", "lo")
        now += 1
        #expect(current(quick.look(at: namespaces, node: node, now: now), namespaces[0].id) == ["10.98.0.1"])
        #expect(current(slow.look(at: namespaces, node: node, now: now), namespaces[0].id).isEmpty)
        now += 10_000_000_000
        #expect(current(slow.look(at: namespaces, node: node, now: now), namespaces[0].id) == ["10.98.0.1"])
    }

    /// Addresses of an IPVS proxy's services are on a device of the node, and belong to no one node.
    @Test func servicesAreNotTheNodes() throws {
        let namespace = try TestNamespace()
        let namespaces = [NetworkNamespace(mountOf: namespace)]
        for (name, address) in [("kube-ipvs0", "10.96.0.1/32"), ("br0", "10.97.0.1/24")] {
            try run("ip", "-n", namespace.name, "link", "add", name, "type", "bridge")
            try run("ip", "-n", namespace.name, "address", "add", address, "dev", name)
        }
        var reader = AddressReader(.init())
        #expect(
            current(reader.look(at: namespaces, node: namespaces[0].id, now: 1), namespaces[0].id) == ["10.97.0.1"])
        // Elsewhere it is a name as any other.
        var other = AddressReader(.init())
        #expect(
            current(other.look(at: namespaces, node: NamespaceID(rawValue: 1), now: 1), namespaces[0].id)
                == ["10.96.0.1", "10.97.0.1"])
    }
}
