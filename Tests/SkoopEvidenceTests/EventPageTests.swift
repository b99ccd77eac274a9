// SPDX-License-Identifier: Apache-2.0
import SkoopEvidence
import SkoopExport
import SkoopModel
import SkoopTesting
import Testing

@Suite struct EventPageTests {
    @Test func everyTypeComesBack() {
        var random = SeededGenerator()
        var encoder = EventEncoder()
        var events: [Event] = []
        var log: [UInt8] = []
        for type in Catalogue.events + Catalogue.events {
            events.append(Sample.event(type, using: &random))
            log += Array(encoder.encode(events[events.count - 1])) + [0x0a]
        }
        let page = EventPage(log)
        #expect(page.reading.isWhole, "\(page.reading)")
        #expect(page.events == events)
    }

    @Test func readsKubeSkoopsEnvelope() throws {
        let ends = [
            ("protocol", "TCP"), ("src", "10.0.0.1"), ("src_type", "pod"), ("src_node", ""), ("src_namespace", "shop"),
            ("src_pod", "cart-0"), ("dst", "10.0.0.2"), ("dst_type", "node"), ("dst_node", "node-2"),
            ("dst_namespace", ""),
            ("dst_pod", ""), ("sport", "40000"), ("dport", "80"),
        ].map { "{\"name\":\"\($0)\",\"value\":\"\($1)\"}" }.joined(separator: ",")
        let page = EventPage(
            """
            event: {"timestamp":1763800000000000001,"type":"PacketLoss","labels":[\(ends)],"msg":"a+0x1\\nb+0x2"}
            {"timestamp":1763800000000000002,"type":"TCPRESET_NOSOCK","labels":[{"name":"pod","value":"web"},{"name":"namespace","value":"shop"},{"name":"node","value":"n"}],"msg":""}
            {"timestamp":1763800000000000003,"type":"BIOLAT_10MS","labels":null,"msg":"java 7 latency 12 ms"}
            {"timestamp":1763800000000000003,"type":"NotKnown","labels":null,"msg":""}
            """.utf8, node: "node-1")
        #expect(page.reading.isWhole && page.reading.unknownNames == ["NotKnown"], "\(page.reading)")
        let loss = try #require(page.events.first)
        #expect(loss.node == "node-1" && loss.entity.podName == "cart-0" && loss.timestamp == 1_763_800_000_000_000_001)
        #expect(loss.tuple?.destination.port == 80 && loss.destination == Peer(kind: .node, node: "node-2"))
        #expect(page.events.map(\.node) == ["node-1", "n", "node-1"])
        #expect(page.events.map(\.entity.kind) == [.pod, .pod, .node])
    }

    @Test(arguments: [
        "{", "[]", "1", #"{"type":"PacketLoss"}"#, #"{"type":"PacketLoss","timestamp":-1}"#,
        #"{"type":"PacketLoss","timestamp":0}"#,
        #"{"type":"PacketLoss","timestamp":18446744073709551615}"#, #"{"timestamp":1763800000000000001}"#,
        #"{"type":"PacketLoss","timestamp":1763800000000000001,"schema":"skoop.event/2"}"#,
        #"{"type":"PacketLoss","timestamp":1763800000000000001,"schema":"skoop.event/1"}"#,
        #"{"type":"PacketLoss","timestamp":1763800000000000001,"labels":[{"name":"src"}]}"#,
        #"{"type":"PacketLoss","timestamp":1763800000000000001,"schema":"skoop.event/1","node":"n","entity":{"kind":"pod","netns":1},"tuple":{}}"#,
        #"{"type":"PacketLoss","timestamp":1763800000000000001,"schema":"skoop.event/1","node":"n","entity":{"kind":"pod","netns":1},"last":18446744073709551615}"#,
        #"{"type":"PacketLoss","timestamp":1763800000000000001,"schema":"skoop.event/1","node":"n","entity":{"kind":"pod","netns":1},"count":18446744073709551615}"#,
    ])
    func reportsABrokenLineAndReadsTheRest(line: String) {
        let page = EventPage("\n\(line)\n{\"type\":\"BIOLAT_10MS\",\"timestamp\":1763800000000000001}\n".utf8)
        #expect(page.events.count == 1)
        #expect(page.reading.problems.map(\.line) == [2], "\(page.reading)")
    }

    @Test func neverFallsOverWhateverItGets() {
        var random = SeededGenerator()
        var encoder = EventEncoder()
        var read = 0
        for _ in 0..<100 {
            let type = Catalogue.events.randomElement(using: &random) ?? PacketlossEvent.packetLoss.type
            let line = Array(encoder.encode(Sample.event(type, using: &random)))
            for damaged in mutations(of: line, count: 20, using: &random) { read += EventPage(damaged).events.count }
        }
        #expect(read > 0)
    }
}
