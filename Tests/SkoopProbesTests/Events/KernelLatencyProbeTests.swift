// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopLab
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct KernelLatencyProbeTests {
    /// Where packets are held back, and which stage of whose event must show it.
    struct Place: Sendable, CustomTestStringConvertible {
        var host: String
        var hook: NetfilterRule.Hook
        var event: KernelLatencyEvent
        var direction: String
        var stage: String
        var testDescription: String { "\(hook) of the \(host)" }
    }

    static let places = [
        Place(host: "server", hook: .prerouting, event: .received, direction: "rx", stage: "PREROUTING"),
        Place(host: "server", hook: .input, event: .received, direction: "rx", stage: "LOCAL_IN"),
        Place(host: "client", hook: .output, event: .sent, direction: "tx", stage: "LOCAL_OUT"),
        Place(host: "client", hook: .postrouting, event: .sent, direction: "tx", stage: "POSTROUTING"),
        Place(host: "router", hook: .prerouting, event: .forwarded, direction: "forward", stage: "PREROUTING"),
        Place(host: "router", hook: .forward, event: .forwarded, direction: "forward", stage: "FORWARD"),
        Place(host: "router", hook: .postrouting, event: .forwarded, direction: "forward", stage: "POSTROUTING"),
    ]

    @Test(.takesLongInGuests, arguments: places)
    func showsADelayInItsStage(place: Place) throws {
        let lab = try FaultLab(.routed)
        let host = try #require(
            [lab.client, lab.server, lab.middle].compactMap(\.self).first { $0.name == place.host })
        let delay4 = try PacketDelay(on: host, place.hook, .v4, .udp, to: 4242, by: .milliseconds(40))
        let delay6 = try PacketDelay(on: host, place.hook, .v6, .udp, to: 4242, by: .milliseconds(40))
        let collector = EventCollector()
        var probe = try KernelLatencyProbe(ProbeEnvironment(events: collector.outlet))
        for family in IPFamily.allCases {
            try lab.client.run("python3", "-c", Self.send, lab.server.address(family), "5")
        }
        let events = try collector.events(to: 4242, inNamespace: host.inode, atLeast: 10)
        #expect(events.count == 10 && delay4.passed == 5 && delay6.passed == 5)
        let field = place.stage.lowercased() + "_ns"
        let position = try #require(place.event.type.fields.firstIndex { $0.name == field })
        for event in events {
            #expect(event.type == place.event.type)
            let total = try #require(event.values[0]?.nanoseconds)
            let stages = event.values.dropFirst().map { $0?.nanoseconds ?? 0 }
            #expect(stages.reduce(0, +) == total)
            #expect(total > 40_000_000)
            // On a busy machine another stage may take as long.
            #expect(stages[position - 1] > 40_000_000, "\(event)")
            #expect(event.tuple?.protocolName == "UDP")
        }
        // One alone was not disturbed.
        let alone = events.contains { $0.values[position]!.nanoseconds! * 10 > $0.values[0]!.nanoseconds! * 9 }
        #expect(alone, "\(events)")
        for family in IPFamily.allCases {
            let address = lab.server.address(family)
            let event = try #require(events.first { $0.tuple?.destination.address.description == address })
            #expect(event.tuple?.source.address.description == lab.client.address(family))
            let sign = place.event == .sent ? "=" : ":"
            let time = "\(event.values[position]!.nanoseconds! / 1_000_000) ms"
            #expect(event.message.contains(" daddr=\(address) dport=4242 latency\(sign)"))
            #expect(event.message.contains(" \(place.stage)\(sign)\(time)"))
        }

        let families = try probe.collect(try .live([host.networkNamespace]))
        let own = try collector.events().filter { $0.namespace == NamespaceID(rawValue: host.inode) }
        let counters: [KernelLatencyEvent: KernelLatencyMetric] = [.received: .rxslow, .sent: .txslow]
        for (event, counter) in counters {
            let count = own.count { $0.type == event.type }
            #expect((families.value(counter, 1) ?? 0) == UInt64(count))
        }
        let slow = families.observations(
            KernelLatencyExtraMetric.stage, 1, labels: [place.direction, place.stage], above: 32_768_000)
        #expect(slow >= 10)
        #expect(probe.source.hooks.first == bestHook(ofTracepoint: "netif_receive_skb"))
    }

    @Test(arguments: IPFamily.allCases)
    func showsANeighbourThatAnswersLate(family: IPFamily) throws {
        let lab = try FaultLab()
        let collector = EventCollector()
        let probe = try KernelLatencyProbe(ProbeEnvironment(events: collector.outlet))
        let (address, length) = family == .v4 ? ("10.91.0.77", "24") : ("fd91::77", "64")
        try lab.client.run("python3", "-c", Self.send, address, "1")
        // The kernel asks for the address again after a second.
        usleep(100_000)
        try lab.server.run("ip", "addr", "add", "\(address)/\(length)", "dev", "eth0")
        let event = try #require(try collector.events(to: 4242, inNamespace: lab.client.inode).first)
        #expect(event.type == KernelLatencyEvent.sent.type)
        let neighbour = try #require(event.type.fields.firstIndex { $0.name == "neighbour_ns" })
        #expect(event.values[neighbour]!.nanoseconds! > 100_000_000)
        withExtendedLifetime(probe) {}
    }

    @Test func countsEveryPacket() throws {
        let lab = try FaultLab(.routed)
        let hosts = [lab.client, lab.server, lab.middle!]
        for host in hosts { try host.run("nft", "-f", "-", input: Self.witness) }
        let collector = EventCollector()
        // Whatever the machine does meanwhile takes no second.
        var probe = try KernelLatencyProbe(
            ProbeEnvironment(arguments: ["threshold": .duration(.seconds(10))], events: collector.outlet))
        let scrape = try Scrape.live(hosts.map(\.networkNamespace))
        let ways = [("rx", "input"), ("forward", "forward"), ("tx", "output")]
        var start: [Family] = []
        // Both begin where neither counts.
        let isQuiet = try eventually {
            for host in hosts { try host.run("nft", "reset", "counters") }
            start = try probe.collect(scrape)
            return try hosts.allSatisfy { try Self.counts(of: $0).values.allSatisfy { $0 == 0 } }
        }
        try #require(isQuiet)
        for family in IPFamily.allCases {
            try lab.client.run("python3", "-c", Self.send, lab.server.address(family), "1000")
        }
        let seesAll = probe.source.hooks.contains("netfilter/localOut/first")
        try compareQuietly({ try hosts.map { try Self.counts(of: $0) } }) {
            let families = try probe.collect(scrape)
            let witnessed = try hosts.map { try Self.counts(of: $0) }
            return zip(hosts.indices, witnessed).map { index, witness in
                var counts: [String: UInt64] = [:]
                for (direction, hook) in ways {
                    let of = { (families: [Family]) in
                        families.observations(
                            KernelLatencyExtraMetric.total, Int32(index) + 1, labels: [direction]) ?? 0
                    }
                    let count = of(families) - of(start)
                    // Neighbour discovery passes no function of the transport layer's.
                    let mayMiss = !seesAll && hook == "output" && count >= (index == 0 ? 2000 : 0)
                    counts[hook] = mayMiss ? max(count, witness[hook] ?? 0) : count
                }
                return counts
            }
        }
        let families = try probe.collect(scrape)
        #expect(families.observations(KernelLatencyExtraMetric.total, 1, labels: ["tx"])! >= 2000)
        #expect(families.observations(KernelLatencyExtraMetric.total, 2, labels: ["rx"])! >= 2000)
        #expect(families.observations(KernelLatencyExtraMetric.total, 3, labels: ["forward"])! >= 2000)
        for (entity, direction, stages) in [
            (1, "tx", ["LOCAL_OUT", "POSTROUTING"]), (2, "rx", ["PREROUTING", "LOCAL_IN"]),
            (3, "forward", ["PREROUTING", "FORWARD", "POSTROUTING"]),
        ] {
            for stage in stages {
                let count = families.observations(
                    KernelLatencyExtraMetric.stage, Int32(entity), labels: [direction, stage])
                #expect(count! >= 2000, "\(direction) \(stage)")
            }
        }
        // Nothing was wrong.
        let own = Set(hosts.map { NamespaceID(rawValue: $0.inode) })
        #expect(try !collector.events().contains { own.contains($0.namespace) })
        #expect(scrape.problems.all["packets-displaced"] == nil)
    }

    @Test(.takesLongInGuests) func followsNamespacesAsTheyComeAndGo() throws {
        var probe = try KernelLatencyProbe(ProbeEnvironment())
        let right = try TestNamespace()
        do {
            let left = try TestNamespace()
            try run(
                "ip", "link", "add", "eth0", "netns", left.name, "type", "veth", "peer", "name", "eth0", "netns",
                right.name)
            let scrape = try Scrape.live([NetworkNamespace(mountOf: left)])
            let isWatched = try eventually {
                try left.run("python3", "-c", Self.send, "127.0.0.1", "1")
                return try probe.collect(scrape).observations(KernelLatencyExtraMetric.total, 1, labels: ["rx"]) != nil
            }
            #expect(isWatched)
        }
        // What is attached in the namespace keeps it alive, and the device's other end with it.
        #expect(try eventually { try !right.run("ip", "-o", "link").contains("eth0") })
    }

    private static func counts(of host: LabHost) throws -> [String: UInt64] {
        var counts: [String: UInt64] = [:]
        for hook in ["input", "forward", "output"] {
            let text = try host.run("nft", "list", "counter", "inet", "witness", hook)
            let words = text.split { $0 == " " || $0 == "\n" || $0 == "\t" }
            counts[hook] = words.firstIndex(of: "packets").flatMap { UInt64(words[$0 + 1]) }
        }
        return counts
    }

    private static let witness =
        "add table inet witness\n"
        + ["input", "forward", "output"].map { hook in
            """
            add counter inet witness \(hook)
            add chain inet witness at_\(hook) { type filter hook \(hook) priority 0; }
            add rule inet witness at_\(hook) counter name \(hook)

            """
        }.joined()

    private static let send = """
        import socket, sys
        host, count = sys.argv[1:]
        sender = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(int(count)):
            sender.sendto(bytes(500), (host, 4242))
        """
}

extension LabHost {
    fileprivate var networkNamespace: NetworkNamespace {
        NetworkNamespace(id: NamespaceID(rawValue: inode), pid: pid)
    }
}

extension EventValue {
    /// The nanoseconds of a duration.
    fileprivate var nanoseconds: UInt64? { if case .duration(let duration) = self { duration } else { nil } }
}
