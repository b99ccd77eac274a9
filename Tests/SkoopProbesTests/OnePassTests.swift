// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

/// The one pass against `/proc`, on the real kernel.
@Suite(.serialized, .requiresRoot)
struct OnePassTests {
    @Test(arguments: ["tcp", "udp", "ip", "tcpext", "icmp", "ip6", "udp6", "icmp6"])
    func agreesWithFiles(_ probe: String) throws {
        let namespace = try TestNamespace()
        try namespace.run("python3", "-c", Self.traffic)
        let fast = try families(of: probe, .onePass, in: namespace)
        let slow = try families(of: probe, .procfs, in: namespace)
        #expect(
            fast.map(\.metric.name).sorted()
                == slow.map(\.metric.name).filter { fast.map(\.metric.name).contains($0) }.sorted())
        for family in slow {
            let other = try #require(fast.first { $0.metric == family.metric })
            #expect(other.values == family.values, "\(family.metric.name)")
            #expect(other.labelValues == family.labelValues)
        }
        #expect(fast.contains { $0.values.contains { $0 > 0 } })
    }

    private func families(
        of name: String, _ source: Source, in namespace: borrowing TestNamespace
    ) throws -> [Family] {
        let type = try #require(ProbeRegistry.all.first { $0.definition.name == name })
        var probe = try type.init(ProbeEnvironment(requiredSource: source))
        #expect(probe.source.source == source)
        return try probe.collect(scrape(namespace))
    }

    private func scrape(_ namespace: borrowing TestNamespace) -> Scrape {
        let id = NamespaceID(rawValue: namespace.inode)
        var entities = EntityTable(node: "test")
        let entity = entities.append(Entity(kind: .namespace, namespace: id, podName: "netns:test"))
        return Scrape(
            number: 1,
            census: Census(
                inventory: HostInventory(
                    nodeNamespace: NamespaceID(rawValue: 1),
                    namespaces: [NetworkNamespace(id: id, mountPath: namespace.path)], processes: []),
                entities: entities, entityOfNamespace: [id: entity], entityOfProcess: []))
    }

    private static let traffic = """
        import socket
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.bind((host, 0))
            listener.listen()
            for _ in range(3):
                client = socket.create_connection(listener.getsockname()[:2])
                server, _ = listener.accept()
                client.sendall(b"x" * 10000)
                server.recv(100)
                server.close()
                client.close()
            address = listener.getsockname()
            listener.close()
            refused = socket.socket(family, socket.SOCK_STREAM)
            assert refused.connect_ex(address) != 0
            receiver = socket.socket(family, socket.SOCK_DGRAM)
            receiver.bind((host, 0))
            sender = socket.socket(family, socket.SOCK_DGRAM)
            sender.sendto(b"query", receiver.getsockname())
            receiver.recv(100)
            address = receiver.getsockname()
            receiver.close()
            sender.sendto(b"late", address)
        """
}
