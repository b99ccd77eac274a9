// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopEvents
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@testable import SkoopAgent

/// The kernel gives the inode number of a namespace that has gone to another: nothing of the one is ever the other's.
@Suite(.serialized, .requiresRoot) struct HostReuseTests {
    private struct PodsByMount: EntityProvider {
        mutating func update(for inventory: HostInventory) -> Bool { false }

        func identity(of subject: EntitySubject) -> EntityIdentity? {
            let name = subject.namespace.mountPath?.split(separator: "/").last.map(String.init)
            return name.map { .pod(namespace: "shop", name: $0, labels: [:]) }
        }
    }

    private func agent() throws -> Agent {
        let yaml =
            "node: bench\nmetrics: {probes: [{name: packetloss}]}\nevent: {probes: [{name: packetloss}]}\n"
            + "limits: {eventHistory: 1000000}\n"
        let readers = SharedReaders()
        let agent = try Agent(
            try Configuration(yaml: yaml, file: "test.yaml"), environment: ProbeEnvironment(readers: readers),
            census: .host(EntityResolver(node: "bench", providers: [PodsByMount()])) {
                HostInventoryReader(readers: readers)
            })
        #expect(agent.collector.waitUntilPrepared(for: .seconds(60)))
        return agent
    }

    /// Sends datagrams to a port of the namespace where nobody listens.
    private func send(_ count: Int, to address: String, port: UInt16, in namespace: borrowing TestNamespace) throws {
        try namespace.run(
            "python3", "-c",
            """
            import socket
            s = socket.socket(socket.\(address.contains(":") ? "AF_INET6" : "AF_INET"), socket.SOCK_DGRAM)
            for n in range(\(count)): s.sendto(b'x', ('\(address)', \(port)))
            """)
    }

    /// How many datagrams to a port were lost, by the name of whose they are said to be, and by that of both ends.
    private func lost(to port: UInt16, _ agent: Agent) throws -> [String: UInt64] {
        let stream = try #require(agent.events?.stream)
        var cursor = EventCursor(stream, from: stream.oldest)
        var found: [String: UInt64] = [:]
        while let items = cursor.read() {
            for case .event(let event, _) in items where event.tuple?.destination.port == port {
                found[event.entity.podName, default: 0] += event.count
                #expect(event.source.pod == event.destination.pod)
                #expect(event.source.pod == event.entity.podName || event.entity.kind == .unknown, "\(event)")
            }
        }
        return found
    }

    /// What `skoop_packet_drops_total` says of pods, and the loopback rows of `kubeskoop_packetloss_total`.
    private func drops(_ agent: Agent) -> [String: UInt64] {
        let snapshot = agent.collector.collect().snapshot
        var found: [String: UInt64] = [:]
        for family in snapshot.families {
            for row in 0..<family.count where family.metric == PacketlossExtraMetric.drops.metric {
                let entity = snapshot.entities.entities[Int(family.entities[row])]
                found[entity.podName, default: 0] += family.values[row]
            }
            for row in 0..<family.count where family.metric == PacketlossMetric.total.metric {
                let labels = Dictionary(uniqueKeysWithValues: zip(family.metric.labels.extra, family.labels(of: row)))
                guard let pod = labels["src_pod"], labels["src"] == "127.0.0.1" || labels["src"] == "::1" else {
                    continue
                }
                found["pair of " + pod, default: 0] += family.values[row]
            }
        }
        return found
    }

    @Test(arguments: ["127.0.0.1", "::1"]) func aNumberThatIsGivenAwayAgain(address: String) throws {
        let agent = try agent()
        defer { agent.stop() }
        var (name, inode) = ("", UInt64(0))
        do {
            let first = try TestNamespace()
            (name, inode) = (first.name, first.inode)
            // The number may just have been another test's.
            #expect(
                try eventually {
                    try send(1, to: address, port: 4270, in: first)
                    return try lost(to: 4270, agent)[name] != nil
                })
            let before = drops(agent)[name] ?? 0
            try send(7, to: address, port: 4271, in: first)
            #expect(try eventually { try lost(to: 4271, agent) == [name: 7] })
            #expect(eventually { drops(agent)[name] == before + 7 && drops(agent)["pair of " + name] == before + 7 })
        }
        let second = try TestNamespace.reusing(inode: inode)
        #expect(second.inode == inode && second.name != name)
        // At once, and again when everybody knows.
        try send(5, to: address, port: 4272, in: second)
        #expect(try eventually { try lost(to: 4272, agent).values.reduce(0, +) == 5 })
        let early = try lost(to: 4272, agent)
        #expect(early[name] == nil, "\(early)")
        #expect(Set(early.keys).isSubset(of: [second.name, "netns:[\(inode)]"]), "\(early)")
        var sent: UInt64 = 5
        #expect(
            try eventually {
                try send(1, to: address, port: 4273, in: second)
                sent += 1
                return try lost(to: 4273, agent)[second.name] != nil
            })
        let later = try lost(to: 4273, agent)
        #expect(Set(later.keys).isSubset(of: [second.name, "netns:[\(inode)]"]), "\(later)")
        #expect(try lost(to: 4271, agent) == [name: 7])

        // What the program had counted for both together is gone; from now on it counts for the second.
        let before = drops(agent)
        #expect(before[name] == nil && before["pair of " + name] == nil, "\(before)")
        #expect(before[second.name] ?? 0 <= sent, "\(before)")
        try send(3, to: address, port: 4274, in: second)
        #expect(
            eventually {
                let now = drops(agent)
                return now[second.name] == (before[second.name] ?? 0) + 3
                    && now["pair of " + second.name] == (before["pair of " + second.name] ?? 0) + 3
            })
    }
}
