// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopEvents
import SkoopIdentity
import SkoopModel
import SkoopProbes
import Synchronization

/// More events than anybody wants: how many the pipeline delivers, and whether the others are counted.
struct EventBenchmark {
    /// A million events per second from one source, which like a ring buffer holds so many.
    private final class Flood: EventSource {
        let probe = "packetloss"
        let fileDescriptor: Int32 = -1
        private let state = Mutex((events: [ProbeEvent](), counts: EventCounts()))
        private static let capacity = 16384

        func emit(_ events: ArraySlice<ProbeEvent>) {
            state.withLock { state in
                let room = min(events.count, Self.capacity - state.events.count)
                state.events += events.prefix(room)
                state.counts.emitted += UInt64(events.count)
                if room < events.count { state.counts.lost["ring-full", default: 0] += UInt64(events.count - room) }
            }
        }

        func drain(_ deliver: (ProbeEvent) -> Void) throws(ProbeError) {
            let events = state.withLock { state in
                defer { state.events.removeFirst(min(4096, state.events.count)) }
                return Array(state.events.prefix(4096))
            }
            for event in events { deliver(event) }
        }

        var counts: EventCounts { state.withLock { $0.counts } }
    }

    private struct Counter: Sink {
        static let definition = SinkDefinition("counter", "counts")
        let target = "nowhere"
        init(_ environment: SinkEnvironment) throws(SinkError) {}
        mutating func deliver(_ events: ArraySlice<Event>) throws(SinkError) -> SinkReceipt {
            SinkReceipt(delivered: events.count)
        }
    }

    private static let milliseconds = 3000

    func run() throws -> (table: Table, bars: [Bar]) {
        var table = Table(
            "Events: 1 000 000 per second offered for \(Self.milliseconds / 1000) s",
            ["", "offered", "reported", "of a sink", "lost", "reported per second", "adds up"])
        var slowest = Double.infinity
        var addsUp = true
        for (name, ends, change) in Self.cases {
            try BenchmarkError.checkInterrupt()
            Progress.show("events: \(name)")
            var limits = EventLimits()
            limits.queue = 1 << 20
            change(&limits)
            let outcome = try Self.measure(limits, ends: ends)
            table.rows.append([
                name, "\(outcome.probe.emitted)", "\(outcome.probe.reported)", "\(outcome.sink.delivered)",
                "\(outcome.lost)", "\(Int(outcome.rate))", outcome.addsUp ? "yes" : "NO",
            ])
            if limits.rate == 0 { slowest = min(slowest, outcome.rate) }
            addsUp = addsUp && outcome.addsUp
        }
        table.notes = ["Events are made beforehand, so that what a probe needs to decode a record is not in it."]
        return (
            table,
            [
                Bar(
                    what: "events reported per second", measured: "\(Int(slowest))", allowed: "≥ 100000",
                    kept: slowest >= 100_000),
                Bar(what: "every event accounted for", measured: addsUp ? "yes" : "no", allowed: "yes", kept: addsUp),
            ]
        )
    }

    private static let cases: [(name: String, ends: Int, change: @Sendable (inout EventLimits) -> Void)] = [
        ("all different, no limit", 60_000, { ($0.rate, $0.foldWindow) = (0, .zero) }),
        ("1000 different, folded", 1000, { $0.rate = 0 }),
        ("all different, the default limits", 60_000, { _ in }),
    ]

    private struct Outcome {
        var probe: ProbeEventStatus
        var sink: SinkStatus
        var rate: Double
        var lost: UInt64 { probe.lost.values.reduce(0, +) }
        var addsUp: Bool {
            probe.reported + lost == probe.emitted
                && sink.lost.values.reduce(sink.delivered, +) == sink.offered
        }
    }

    private static func measure(_ limits: EventLimits, ends: Int) throws -> Outcome {
        let namespace = NamespaceID(rawValue: 7)
        let node = NamespaceID(rawValue: 1)
        var entities = EntityTable(node: "node", nodeEntity: Entity(kind: .node, namespace: node))
        let pod = entities.append(Entity(kind: .pod, namespace: namespace, podNamespace: "shop", podName: "web-1"))
        let board = CensusBoard()
        board.publish(
            Census(
                inventory: HostInventory(
                    nodeNamespace: node, namespaces: [NetworkNamespace(id: node), NetworkNamespace(id: namespace)],
                    processes: []), entities: entities,
                entityOfNamespace: [node: EntityTable.nodeIndex, namespace: pod], entityOfProcess: []))
        let pipeline = try EventPipeline(
            node: "node", limits: limits, census: board,
            sinks: [PipelineSink(SinkKind(Counter.self), SinkEnvironment())])
        let flood = Flood()
        pipeline.outlet.add(flood)
        let events = (0..<ends).map { number in
            ProbeEvent(
                PacketlossEvent.packetLoss.type, time: 1, namespace: namespace,
                tuple: PacketTuple(
                    protocolNumber: 6, source: .init(IPAddress(v4: 0x0a00_0001), port: UInt16(number)),
                    destination: .init(IPAddress(v4: 0x0a00_0002), port: 80)), values: [.string("NETFILTER_DROP")])
        }
        let start = ContinuousClock.now
        var position = 0
        for millisecond in 0..<milliseconds {
            if position + 1000 > events.count { position = 0 }
            flood.emit(events[position..<(position + 1000)])
            position += 1000
            let next = start + .milliseconds(millisecond + 1)
            let pause = next - ContinuousClock.now
            if pause > .zero { usleep(UInt32(pause / .microseconds(1))) }
        }
        let duration = ContinuousClock.now - start
        let reported = pipeline.probes.first?.reported ?? 0
        pipeline.stop(within: .seconds(30))
        guard let probe = pipeline.probes.first, let sink = pipeline.sinkStatuses.first else {
            throw BenchmarkError("the pipeline knows nothing of its source")
        }
        return Outcome(probe: probe, sink: sink, rate: Double(reported) / (duration / .seconds(1)))
    }
}
