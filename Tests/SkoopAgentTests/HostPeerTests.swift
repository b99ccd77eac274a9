// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopEvents
import SkoopIdentity
import SkoopLab
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@testable import SkoopAgent

/// An agent names both ends of what it sees where they are on its host, in events and in the labels of metrics.
@Suite(.serialized, .requiresRoot) struct HostPeerTests {
    private struct PodsByProcess: EntityProvider {
        let pods: [Int32: String]

        mutating func update(for inventory: HostInventory) -> Bool { false }

        func identity(of subject: EntitySubject) -> EntityIdentity? {
            subject.namespace.pid.flatMap { pods[$0] }.map { .pod(namespace: "shop", name: $0, labels: [:]) }
        }
    }

    private func agent(_ lab: borrowing FaultLab, _ yaml: String) throws -> Agent {
        let configuration = try Configuration(yaml: "node: bench\n" + yaml, file: "test.yaml")
        let readers = SharedReaders()
        let provider = PodsByProcess(pods: [lab.client.pid: "client", lab.server.pid: "server"])
        let resolver = EntityResolver(
            node: configuration.node, providers: [provider] + EntityResolver.builtInProviders)
        let agent = try Agent(
            configuration, environment: ProbeEnvironment(readers: readers),
            census: .host(resolver) { HostInventoryReader(readers: readers) })
        #expect(agent.collector.waitUntilPrepared(for: .seconds(60)))
        return agent
    }

    /// An address that no other test has, since others would make it nobody's.
    private func address(_ family: IPFamily, _ number: Int) -> String {
        let pid = Int(getpid())
        return family == .v4
            ? "10.\(128 + pid >> 8 & 127).\(pid & 255).\(number)" : "fd13:\(String(pid & 0xffff, radix: 16))::\(number)"
    }

    private func add(_ address: String, to host: LabHost) throws {
        let isV6 = address.contains(":")
        try host.run(
            ["ip", "address", "add", address + (isV6 ? "/64" : "/24"), "dev", "eth0"] + (isV6 ? ["nodad"] : []))
    }

    /// Sends a datagram to a port where nobody listens.
    private func send(from source: String, of host: LabHost, to target: String, port: UInt16) throws {
        try host.run(
            "python3", "-c",
            """
            import socket
            s = socket.socket(socket.\(source.contains(":") ? "AF_INET6" : "AF_INET"), socket.SOCK_DGRAM)
            s.bind(('\(source)', 0))
            s.sendto(b'x', ('\(target)', \(port)))
            """)
    }

    /// The events of packets to a port that there are.
    private func events(_ agent: Agent, to port: UInt16) throws -> [Event] {
        let stream = try #require(agent.events?.stream)
        var cursor = EventCursor(stream, from: stream.oldest)
        var found: [Event] = []
        while let items = cursor.read() {
            for case .event(let event, _) in items where event.tuple?.destination.port == port { found.append(event) }
        }
        return found
    }

    /// The first of them, once there is one.
    private func event(_ agent: Agent, to port: UInt16) throws -> Event {
        _ = try eventually { try !events(agent, to: port).isEmpty }
        return try #require(try events(agent, to: port).first)
    }

    @Test(arguments: IPFamily.allCases) func bothEndsAreNamed(family: IPFamily) throws {
        let lab = try FaultLab()
        let (source, target) = (address(family, 1), address(family, 2))
        try add(source, to: lab.client)
        try add(target, to: lab.server)
        let agent = try agent(
            lab, "metrics: {probes: [{name: packetloss}]}\nevent: {probes: [{name: packetloss}]}\n")
        defer { agent.stop() }
        try send(from: source, of: lab.client, to: target, port: 4242)
        let event = try event(agent, to: 4242)
        let (client, server) = (
            Peer(kind: .pod, namespace: "shop", pod: "client"), Peer(kind: .pod, namespace: "shop", pod: "server")
        )
        #expect(event.entity.podName == "server")
        #expect(event.source == client && event.destination == server)

        let loss = PacketlossMetric.total.metric
        func rows() -> [[String]] {
            let families = agent.collector.collect().snapshot.families.filter { $0.metric == loss }
            return families.flatMap { family in (0..<family.count).map { Array(family.labels(of: $0)) } }
        }
        var tuple = try #require(event.tuple)
        tuple.source.port = 0
        tuple.destination.port = 0
        let labels = TupleLabels.values(tuple, source: client, destination: server)
        #expect(eventually { rows().contains(labels) })
    }

    /// What is not on this host has no name, and is not guessed at; nor is what several have.
    @Test func whoIsElsewhereIsUnknown() throws {
        let lab = try FaultLab(.routed)
        let (source, shared) = (address(.v4, 3), address(.v4, 4))
        for address in [source, shared] { try add(address, to: lab.client) }
        try add(shared, to: lab.server)
        let agent = try agent(lab, "metrics: {probes: []}\nevent: {probes: [{name: packetloss}]}\n")
        defer { agent.stop() }
        // Both are dropped by the router, which has no way there.
        try send(from: source, of: lab.client, to: "10.92.0.1", port: 4243)
        let event = try event(agent, to: 4243)
        #expect(event.source.pod == "client" && event.destination == .unknown)
        try send(from: shared, of: lab.client, to: "10.92.0.1", port: 4247)
        #expect(try self.event(agent, to: 4247).source == .unknown)
    }

    /// An address goes to another namespace while the agent runs.
    @Test func anAddressIsFollowed() throws {
        let lab = try FaultLab()
        let (moving, client, server) = (address(.v4, 5), address(.v4, 6), address(.v4, 7))
        try add(client, to: lab.client)
        try add(server, to: lab.server)
        let agent = try agent(lab, "metrics: {probes: []}\nevent: {probes: [{name: packetloss}]}\n")
        defer { agent.stop() }
        // Sends until an event says what is expected: the census may be two seconds old.
        func isNamed(_ pod: String, port: UInt16, from host: LabHost, to target: String) throws -> Bool {
            try eventually {
                try send(from: moving, of: host, to: target, port: port)
                return try events(agent, to: port).contains { $0.source.pod == pod }
            }
        }
        try add(moving, to: lab.client)
        #expect(try isNamed("client", port: 4244, from: lab.client, to: server))
        try lab.client.run("ip", "address", "del", moving + "/24", "dev", "eth0")
        try add(moving, to: lab.server)
        #expect(try isNamed("server", port: 4245, from: lab.server, to: client))
    }

    /// An own address of the node's names the node.
    @Test func theNodeIsNamed() throws {
        let lab = try FaultLab()
        let agent = try agent(lab, "metrics: {probes: []}\nevent: {probes: [{name: packetloss}]}\n")
        defer { agent.stop() }
        try run(
            "python3", "-c",
            "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 4246))")
        let event = try event(agent, to: 4246)
        #expect(event.source == Peer(kind: .node, node: "bench") && event.destination == event.source)
    }
}
