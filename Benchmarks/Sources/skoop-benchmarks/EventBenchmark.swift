// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import Foundation
import SkoopEvents
import SkoopIdentity
import SkoopModel
import SkoopProbes

/// More events than anybody wants, on the whole way: packets that the kernel drops, the program of the probe packetloss and
/// its ring buffer, events with types, whose they are, limits, queues, a sink.
struct EventBenchmark {
    private struct Counter: Sink {
        static let definition = SinkDefinition("counter", "counts")
        let target = "nowhere"
        init(_ environment: SinkEnvironment) throws(SinkError) {}
        mutating func deliver(_ events: ArraySlice<Event>) throws(SinkError) -> SinkReceipt {
            SinkReceipt(delivered: events.count)
        }
    }

    private static let packets = 3_000_000

    func run() throws -> (table: Table, bars: [Bar]) {
        var table = Table(
            "Events: \(Self.packets) packets that the kernel drops, as fast as it can",
            [
                "", "dropped", "events", "events per second", "delivered", "delivered per second", "ring full",
                "limited", "other losses", "adds up",
            ])
        var slowest = (offered: Double.infinity, delivered: Double.infinity)
        var addsUp = true
        for (name, ends, change) in Self.cases {
            try BenchmarkError.checkInterrupt()
            Progress.show("events: \(name)")
            var limits = EventLimits()
            limits.queue = 1 << 20
            change(&limits)
            let outcome = try Self.measure(limits, ends: ends)
            let other = outcome.lost - outcome.lost("ring-full") - outcome.lost("rate-limited")
            table.rows.append([
                name, "\(outcome.dropped)", "\(outcome.probe.emitted)", "\(Int(outcome.offeredRate))",
                "\(outcome.probe.reported)", "\(Int(outcome.rate))", "\(outcome.lost("ring-full"))",
                "\(outcome.lost("rate-limited"))", "\(other)", outcome.addsUp ? "yes" : "NO",
            ])
            slowest.offered = min(slowest.offered, outcome.offeredRate)
            if limits.rate == 0 { slowest.delivered = min(slowest.delivered, outcome.rate) }
            addsUp = addsUp && outcome.addsUp
        }
        table.notes = [
            "Dropped is what the kernel counts in the flooded namespace, events are what the program wanted to report, "
                + "of others' packets too. It adds up where events are delivered and lost ones, every packet has its "
                + "event or the kernel says that it left the program out, and the sink has got what was delivered: "
                + "repeats that are folded into one by their number.",
            "The packets are made and dropped on one CPU, the events are read on another, if there is one: with two, "
                + "whatever else the machine does is taken from them.",
        ]
        return (
            table,
            [
                Bar(
                    what: "events offered per second", measured: "\(Int(slowest.offered))", allowed: "≥ 1000000",
                    kept: slowest.offered >= 1_000_000),
                Bar(
                    what: "events delivered per second", measured: "\(Int(slowest.delivered))", allowed: "≥ 100000",
                    kept: slowest.delivered >= 100_000),
                Bar(what: "every event accounted for", measured: addsUp ? "yes" : "no", allowed: "yes", kept: addsUp),
            ]
        )
    }

    private static let cases: [(name: String, ends: Int, change: @Sendable (inout EventLimits) -> Void)] = [
        ("60 000 different, no limit", 60_000, { ($0.rate, $0.foldWindow) = (0, .zero) }),
        ("1000 different, folded", 1000, { $0.rate = 0 }),
        ("60 000 different, the default limits", 60_000, { _ in }),
    ]

    private struct Outcome {
        var probe: ProbeEventStatus
        var sink: SinkStatus
        var dropped: UInt64
        var missed: UInt64
        var seconds: Double
        var offeredRate: Double { Double(probe.emitted) / seconds }
        var rate: Double
        var lost: UInt64 { probe.lost.values.reduce(0, +) }
        var addsUp: Bool {
            probe.reported + lost == probe.emitted && probe.emitted + missed >= dropped
                && dropped == EventBenchmark.packets
                && sink.lost.values.reduce(sink.delivered, +) == sink.offered
                && sink.probes[probe.probe]?.delivered == probe.reported
        }

        func lost(_ cause: String) -> UInt64 { probe.lost[cause] ?? 0 }
    }

    private static func measure(_ limits: EventLimits, ends: Int) throws -> Outcome {
        let flood = try PacketFlood(ports: ends, packets: packets)
        let namespace = NamespaceID(rawValue: flood.namespace.inode)
        let node = NamespaceID(rawValue: 1)
        var entities = EntityTable(node: "node", nodeEntity: Entity(kind: .node, namespace: node))
        let pod = entities.append(Entity(kind: .pod, namespace: namespace, podNamespace: "shop", podName: "web-1"))
        var flooded = NetworkNamespace(id: namespace)
        flooded.cookie = flood.namespace.cookie
        let census = Census(
            inventory: HostInventory(
                nodeNamespace: node, namespaces: [NetworkNamespace(id: node), flooded], processes: []),
            entities: entities, entityOfNamespace: [node: EntityTable.nodeIndex, namespace: pod], entityOfProcess: [])
        let board = CensusBoard { $0.publish(census) }
        board.publish(census)
        let pipeline = try EventPipeline(
            node: "node", limits: limits, census: board, cookies: { NamespaceCookies.look() },
            sinks: [PipelineSink(SinkKind(Counter.self), SinkEnvironment())])
        let probe = try PacketlossProbe(ProbeEnvironment(events: pipeline.outlet))
        let (dropped, seconds) = try flood.run()
        let reported = pipeline.probes.first?.reported ?? 0
        let missed = Self.missedRuns()
        withExtendedLifetime(probe) {}
        pipeline.stop(within: .seconds(30))
        guard let status = pipeline.probes.first, let sink = pipeline.sinkStatuses.first else {
            throw BenchmarkError("the pipeline knows nothing of its source")
        }
        return Outcome(
            probe: status, sink: sink, dropped: dropped, missed: missed, seconds: seconds,
            rate: Double(reported) / seconds)
    }

    /// How often the kernel left out a program of this process.
    private static func missedRuns() -> UInt64 {
        var programs = [bench_program](repeating: bench_program(), count: 64)
        let count = bench_programs(&programs, programs.count)
        var missed: UInt64 = 0
        for place in 0..<count {
            var (own, twin) = (bench_runs(), bench_runs())
            bench_read_runs(&programs[place], &own, &twin)
            missed += own.missed
            bench_close_program(&programs[place])
        }
        return missed
    }
}
