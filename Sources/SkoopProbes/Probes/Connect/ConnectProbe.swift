// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
public import SkoopModel

/// TCP connections being opened: how long it takes, and what became of every attempt.
public struct ConnectProbe: Probe {
    private static let noAnswer = Threshold(
        "noAnswer", usual: .seconds(3), of: "attempts that have no answer yet")
    private static let slow = Threshold(
        "slow", usual: .milliseconds(500), of: "connections that were established, but late,")

    /// Attached to a tracepoint, and to connect() for attempts that fail at once.
    public static let definition = ProbeDefinition(
        ConnectMetric.self, events: ConnectEvent.self, sources: [.ebpf], arguments: [noAnswer.argument, slow.argument])

    /// The hooks in use.
    public let source: SourceChoice
    private let program: AttachedProgram
    private var displaced: [DisplacedPlaces]
    private let sweep: MapSweep
    private let subscription: EventSubscription?

    private static let unansweredAfter: BPFGlobalName<UInt64> = "unanswered_after"
    private static let slowAfter: BPFGlobalName<UInt64> = "slow_after"

    private static let needs: [AttachedProgram.Need] = {
        let state = "inet_sock_set_state"
        let connect = "inet_stream_connect"
        let loss = "attempts that fail before their first SYN are not seen"
        return [
            .init([
                .init("on_state", to: .btfTracepoint(state)), .init("on_state_untyped", to: .rawTracepoint(state)),
            ]),
            .init(
                [
                    .init("on_connect", to: .fentry(connect)),
                    .init("on_connect_call", to: .tracepoint(category: "syscalls", name: "sys_enter_connect")),
                ], orElse: loss),
            .init(
                [
                    .init("on_connected", to: .fexit(connect)),
                    .init("on_connect_return", to: .tracepoint(category: "syscalls", name: "sys_exit_connect")),
                ], orElse: loss),
        ]
    }()

    /// Attaches the programs.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let program = try AttachedProgram(.connect, environment, needs: Self.needs) { object throws(BPFError) in
            try object.setGlobal(Self.unansweredAfter, to: Self.noAnswer.nanoseconds(environment))
            try object.setGlobal(Self.slowAfter, to: Self.slow.nanoseconds(environment))
        }
        self.program = program
        displaced = ["attempts", "calls"].map { DisplacedPlaces(program, of: $0) }
        source = program.choice
        sweep = try MapSweep(program, "report_unanswered", over: "attempts")
        subscription = try EventSubscription(
            environment, Self.definition.name, program, sweep: sweep, decode: ProbeEvent.connect)
    }

    /// Reads the counters.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        try sweep.run()
        for index in displaced.indices { try displaced[index].record(in: scrape) }
        var seconds = Family(ConnectMetric.seconds.metric)
        var total = Family(ConnectMetric.total.metric)
        var unanswered = Family(ConnectMetric.unanswered.metric)
        // A connection whose beginning was not seen is established without a latency.
        var established: [EntityTable.Index: UInt64] = [:]
        for row in try HistogramReader(program).rows(scrape) {
            seconds.append(sum: row.sum, counts: row.slots, for: row.entity)
            established[row.entity, default: 0] += row.slots.reduce(0, +)
        }
        for row in try CounterReader(program).rows(scrape) {
            switch ConnectResult(rawValue: row.kind) {
            case .established: established[row.entity, default: 0] += row.count
            case .waiting: unanswered.append(row.count, for: row.entity)
            case let result?: total.append(row.count, for: row.entity, labels: [result.label])
            case nil: break
            }
        }
        for (entity, count) in established.sorted(by: { $0.key < $1.key }) {
            total.append(count, for: entity, labels: [ConnectResult.established.label])
        }
        return [seconds, total, unanswered]
    }
}
