// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
public import SkoopModel

/// DNS queries and their answers, as the sockets of clients and servers on this host see them.
public struct DNSProbe: Probe {
    private static let noAnswer = Threshold("noAnswer", usual: .seconds(5), of: "queries that have no answer yet")
    private static let slow = Threshold("slow", usual: .seconds(1), of: "queries that were answered, but late,")
    private static let ports = ProbeArgument(
        "ports", .list(of: []), help: "up to four ports that DNS servers listen on; 53 by default")
    private static let hideNames = ProbeArgument(
        "hideNames", .bool, help: "leaves the names that are asked for out of events; they never become labels")

    /// Attached to the root control group, and to a tracepoint for answers that nobody waits for.
    public static let definition = ProbeDefinition(
        DNSMetric.self, events: DNSEvent.self, sources: [.ebpf],
        arguments: [noAnswer.argument, slow.argument, ports, hideNames])

    /// The hooks in use.
    public let source: SourceChoice
    private let program: AttachedProgram
    private var displaced: DisplacedPlaces
    private let sweep: MapSweep
    private let subscription: EventSubscription?

    private static let portsGlobal: BPFGlobalName<ServerPorts> = "ports"
    private static let unansweredAfter: BPFGlobalName<UInt64> = "unanswered_after"
    private static let slowAfter: BPFGlobalName<UInt64> = "slow_after"
    private static let namesWanted: BPFGlobalName<Bool> = "names_wanted"

    /// Attaches the programs.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let ports = try ServerPorts(environment.arguments[Self.ports.name])
        let group = Hook.cgroup(try RootControlGroup.path(sys: environment.host.sys))
        let needs: [AttachedProgram.Need] = [
            .init([.init("on_sent", to: group)]), .init([.init("on_received", to: group)]),
            .init([.init("on_dropped", to: .btfTracepoint("kfree_skb"))], orElse: "late answers are not seen"),
        ]
        let program = try AttachedProgram(.dns, environment, needs: needs) { object throws(BPFError) in
            // Room for some three thousand events whose names are not long.
            try object.resize("events", bytes: 512 * 1024)
            // Client and server, UDP and TCP, and some codes: few have all of them.
            try HistogramReader.makeRoom(for: 4, in: &object)
            try object.setGlobal(Self.portsGlobal, to: ports)
            try object.setGlobal(Self.unansweredAfter, to: Self.noAnswer.nanoseconds(environment))
            try object.setGlobal(Self.slowAfter, to: Self.slow.nanoseconds(environment))
            try object.setGlobal(Self.namesWanted, to: !environment.flag(Self.hideNames.name))
        }
        self.program = program
        displaced = DisplacedPlaces(program, of: "queries")
        source = program.choice
        sweep = try MapSweep(program, "report_unanswered", over: "queries")
        subscription = try EventSubscription(
            environment, Self.definition.name, program, sweep: sweep, decode: ProbeEvent.dns)
    }

    /// Reads the counters.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        try sweep.run()
        try displaced.record(in: scrape)
        var latencies: [DNSRow: (sum: UInt64, counts: [UInt64])] = [:]
        var counts: [DNSRow: UInt64] = [:]
        for row in try HistogramReader(program).rows(scrape) {
            guard let (way, responses) = DNSCounterKind.histogram(row.kind) else { continue }
            let empty = [UInt64](repeating: 0, count: row.slots.count)
            var total = latencies[DNSRow(.seconds, row.entity, way)] ?? (0, empty)
            total.sum += row.sum
            for slot in row.slots.indices { total.counts[slot] += row.slots[slot] }
            latencies[DNSRow(.seconds, row.entity, way)] = total
            counts[DNSRow(.responses, row.entity, responses), default: 0] += row.slots.reduce(0, +)
        }
        for row in try CounterReader(program).rows(scrape) {
            guard let (metric, labels) = DNSCounterKind.meaning(of: row.kind) else { continue }
            counts[DNSRow(metric, row.entity, labels), default: 0] += row.count
        }
        return DNSMetric.allCases.map { metric in
            var family = Family(metric.metric)
            for (row, total) in latencies.sorted(by: { $0.key < $1.key }) where row.metric == metric {
                family.append(sum: total.sum, counts: total.counts, for: row.entity, labels: row.labels)
            }
            for (row, count) in counts.sorted(by: { $0.key < $1.key }) where row.metric == metric {
                family.append(count, for: row.entity, labels: row.labels)
            }
            return family
        }
    }
}

/// A series: what the kernel counts in a counter and in a histogram's count is one number to others.
private struct DNSRow: Hashable, Comparable {
    let metric: DNSMetric
    let entity: EntityTable.Index
    let labels: [String]

    init(_ metric: DNSMetric, _ entity: EntityTable.Index, _ labels: [String]) {
        self.metric = metric
        self.entity = entity
        self.labels = labels
    }

    static func < (one: Self, other: Self) -> Bool {
        one.entity == other.entity ? one.labels.lexicographicallyPrecedes(other.labels) : one.entity < other.entity
    }
}
