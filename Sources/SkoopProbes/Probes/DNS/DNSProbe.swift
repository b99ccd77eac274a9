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
    private let sweep: MapSweep
    private let subscription: EventSubscription?

    private static let queries: BPFMapName<skoop_dns_key, skoop_dns_query> = "queries"
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
            try object.setGlobal(Self.portsGlobal, to: ports)
            try object.setGlobal(Self.unansweredAfter, to: Self.noAnswer.nanoseconds(environment))
            try object.setGlobal(Self.slowAfter, to: Self.slow.nanoseconds(environment))
            try object.setGlobal(Self.namesWanted, to: !environment.flag(Self.hideNames.name))
        }
        self.program = program
        source = program.choice
        sweep = try MapSweep(program, "report_unanswered", over: Self.queries)
        subscription = try EventSubscription(
            environment, Self.definition.name, program, sweep: sweep, decode: ProbeEvent.dns)
    }

    /// Reads the counters.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        try sweep.run()
        var families = DNSMetric.allCases.map { Family($0.metric) }
        for row in try HistogramReader(program).rows(scrape) {
            guard let labels = DNSCounterKind.histogram(row.kind) else { continue }
            families[0].append(sum: row.sum, counts: row.slots, for: row.entity, labels: labels)
        }
        for row in try CounterReader(program).rows(scrape) {
            guard let (metric, labels) = DNSCounterKind.meaning(of: row.kind),
                let position = DNSMetric.allCases.firstIndex(of: metric)
            else { continue }
            families[position].append(row.count, for: row.entity, labels: labels)
        }
        return families
    }
}
