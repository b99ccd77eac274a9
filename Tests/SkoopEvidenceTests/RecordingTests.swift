// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopAnalysis
import SkoopEvidence
import SkoopExport
import SkoopModel
import SkoopTesting
import Testing

@Suite struct RecordingTests {
    private static let request = EvidenceRequest(Analyzer())

    /// Snapshots that grow, of pods that come and go.
    private func snapshots(_ count: Int, using random: inout SeededGenerator) -> [Snapshot] {
        var snapshot = Sample.snapshot(pods: 3, using: &random)
        return (0..<count).map { number in
            if number % 7 == 6 {
                snapshot = Sample.snapshot(pods: .random(in: 0...4, using: &random), using: &random)
            }
            snapshot.timestamp = Sample.start + UInt64(number) * 15 * Sample.second
            snapshot.families = snapshot.families.map { family in
                guard Bool.random(using: &random), family.metric.kind != .histogram else { return family }
                let values = family.values.map { Bool.random(using: &random) ? $0 &+ random.next() % 1000 : $0 }
                return Family(
                    family.metric, entities: family.entities, values: values, labelValues: family.labelValues)
            }
            return snapshot
        }
    }

    private func write(
        _ snapshots: [Snapshot], events: [Event] = [], to path: String, keeping metrics: Set<Metric>? = nil
    ) throws {
        var writer = try RecordingWriter(path, keeping: metrics)
        try writer.write(
            facts: ["node": "node-1"],
            probes: ["dns": .off, "tcp": .running, "flow": .failed("no \"tc\""), "io": .unknown])
        for snapshot in snapshots {
            try writer.write(snapshot)
            try writer.write(events.filter { Self.belongs($0, snapshot) })
        }
        try writer.finish()
    }

    /// Whether an event happened in the interval that a snapshot ends.
    private static func belongs(_ event: Event, _ snapshot: Snapshot) -> Bool {
        event.timestamp <= snapshot.timestamp && event.timestamp + 15 * Sample.second > snapshot.timestamp
    }

    @Test func everythingComesBack() throws {
        var random = SeededGenerator()
        let directory = try TemporaryDirectory()
        let path = directory.path + "/recording"
        let snapshots = snapshots(100, using: &random)
        let events = Catalogue.events.map { Sample.event($0, using: &random) }.filter { $0.timestamp > Sample.start }
        try write(snapshots, events: events, to: path)
        var expected = Evidence()
        for snapshot in snapshots {
            expected.add(snapshot)
            for event in events where Self.belongs(event, snapshot) { expected.add(event) }
        }
        var evidence = Evidence()
        let facts = try Recording(path).read(into: &evidence)
        #expect(facts == ["node": "node-1"] && evidence.gaps.isEmpty)
        #expect(evidence.probes["dns"] == .off && evidence.probes["flow"] == .failed("no \"tc\""))
        #expect(evidence.times == expected.times && evidence.eventCount.kept == events.count)
        #expect(evidence.entities == expected.entities)
        // Every series of every metric, not only those that rules look at.
        let range = try #require(evidence.range)
        for metric in Catalogue.metrics where metric.kind != .histogram {
            let quantity: Quantity =
                metric.kind == .gauge
                ? .level(Measure(metrics: [metric]), .last) : .increase(Measure(metrics: [metric]))
            let asked = evidence.entities.map { Observation(subject: $0, test: Test(quantity, .atLeast, 0), value: 0) }
            #expect(evidence.curves(of: asked, range: range) == expected.curves(of: asked, range: range))
        }
    }

    @Test func whatIsLeftOfACutOffFileIsRead() throws {
        var random = SeededGenerator()
        let directory = try TemporaryDirectory()
        let path = directory.path + "/recording"
        try write(snapshots(12, using: &random), to: path, keeping: Self.request.metrics)
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        var times: [Int] = []
        for length in stride(from: 0, through: bytes.count, by: max(1, bytes.count / 40)) + [bytes.count] {
            try directory.write(Array(bytes[..<length]), to: "cut")
            var evidence = Evidence()
            do throws(EvidenceError) {
                try Recording(directory.path + "/cut").add(to: &evidence, Self.request)
                times.append(evidence.times.count)
                #expect(evidence.gaps.isEmpty == (length == bytes.count))
            } catch {
                #expect(times.isEmpty && evidence.times.isEmpty, "\(error)")
            }
        }
        #expect(times == times.sorted() && times.last == 12)
    }

    @Test func damageCostsTheBlocksAroundItOnly() throws {
        var random = SeededGenerator()
        let directory = try TemporaryDirectory()
        let path = directory.path + "/recording"
        try write(snapshots(90, using: &random), to: path, keeping: [TCPExtMetric.listenoverflows.metric])
        var bytes = Array(try Data(contentsOf: URL(filePath: path)))
        // The content of a block in the first third, since its head says where the next one begins.
        let place = bytes.count / 4
        for offset in 0..<4 { bytes[place + offset] ^= 0x55 }
        try directory.write(bytes, to: "damaged")
        var evidence = Evidence()
        try Recording(directory.path + "/damaged").add(to: &evidence, Self.request)
        #expect(evidence.gaps.contains { $0.contains("damaged") || $0.contains("cut off") }, "\(evidence.gaps)")
        #expect(evidence.times.count < 90)
    }

    @Test func neverFallsOverWhateverItGets() throws {
        var random = SeededGenerator()
        let directory = try TemporaryDirectory()
        let path = directory.path + "/recording"
        let event = Sample.event(PacketlossEvent.packetLoss.type, using: &random)
        try write(Array(snapshots(8, using: &random)), events: [event], to: path, keeping: Self.request.metrics)
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        for damaged in mutations(of: bytes, count: 150, using: &random) {
            try directory.write(damaged, to: "damaged")
            var evidence = Evidence()
            do throws(EvidenceError) {
                try Recording(directory.path + "/damaged").add(to: &evidence, Self.request)
                _ = Analyzer().analyze(evidence)
            } catch { #expect(!error.message.isEmpty) }
        }
    }

    @Test func saysWhatIsNoRecording() throws {
        let directory = try TemporaryDirectory()
        for (content, message) in [
            ("", "no recording"), ("hello", "no recording"), ("skoop.recording/2\n", "another version"),
            ("skoop.recording/1\n", "no evidence in it"),
        ] {
            try directory.write(content, to: "file")
            var evidence = Evidence()
            let error = try #require(throws: EvidenceError.self) {
                try Recording(directory.path + "/file").add(to: &evidence, Self.request)
            }
            #expect(error.message.contains(message), "\(error)")
        }
        let error = try #require(throws: EvidenceError.self) { _ = try RecordingWriter(directory.path + "/file") }
        #expect(error.message.contains("there already"))
        #expect(throws: EvidenceError.self) { _ = try RecordingWriter(directory.path + "/no/such/file") }
    }

    @Test func anHourOfFiveHundredEntitiesCanBeMailed() throws {
        var random = SeededGenerator()
        let directory = try TemporaryDirectory()
        let path = directory.path + "/recording"
        var table = EntityTable(node: "node-1")
        for pod in 1..<500 {
            table.append(
                Entity(
                    kind: .pod, namespace: NamespaceID(rawValue: 4_026_532_000 + UInt64(pod)), podNamespace: "shop",
                    podName: "deployment-7d4b9c6f5d-\(pod)"))
        }
        let metrics = Self.request.metrics.union(TCPMetric.metrics + TCPExtMetric.metrics + UDPMetric.metrics)
            .filter { if case .entity(let extra) = $0.labels { extra.isEmpty && $0.kind != .histogram } else { false } }
        var families = metrics.sorted { $0.name < $1.name }.map { metric in
            Family(
                metric, entities: table.entities.indices.map { EntityTable.Index($0) },
                values: table.entities.map { _ in random.next() % 100_000 })
        }
        var writer = try RecordingWriter(path)
        for step in 0..<240 {
            for position in families.indices where position % 4 == 0 {
                // A fourth of the counters moves at a third of the pods each time.
                let family = families[position]
                families[position] = Family(
                    family.metric, entities: family.entities,
                    values: family.values.map { random.next() % 3 == 0 ? $0 + random.next() % 500 : $0 })
            }
            try writer.write(
                Snapshot(
                    timestamp: Sample.start + UInt64(step) * 15 * Sample.second, entities: table, families: families))
        }
        let size = writer.size
        try writer.finish()
        print("an hour of 500 entities and \(metrics.count) metrics takes \(size) bytes")
        #expect(size < 20 << 20)
    }
}
