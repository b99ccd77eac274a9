// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
public import SkoopModel

/// How long processes with IP sockets wait for a CPU although they could run.
///
/// A process counts from a few seconds after it has opened its first socket.
public struct TaskLatencyProbe: Probe {
    /// Attached to the scheduler's tracepoints.
    public static let definition = ProbeDefinition(
        TaskLatencyMetric.self, events: TaskLatencyEvent.self, sources: [.ebpf], arguments: [threshold.argument])

    private static let threshold = Threshold("threshold", usual: .milliseconds(100), of: "waits for a CPU")
    private static let slow: BPFGlobalName<UInt64> = "slow"

    /// The hooks in use.
    public let source: SourceChoice
    private let histograms: HistogramReader
    private let subscription: EventSubscription?
    private let owners: SocketOwners
    private var displaced: DisplacedPlaces

    /// Attaches the programs and looks for processes with sockets.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let needs = [
            ("on_wakeup", "sched_wakeup"), ("on_wakeup_new", "sched_wakeup_new"), ("on_switch", "sched_switch"),
        ].map { program, tracepoint in
            AttachedProgram.Need([
                .init(BPFProgramName(program), to: .btfTracepoint(tracepoint)),
                .init(BPFProgramName(program + "_raw"), to: .rawTracepoint(tracepoint)),
            ])
        }
        let program = try AttachedProgram(.tasklatency, environment, needs: needs) { object throws(BPFError) in
            try HistogramReader.makeRoom(for: 2, in: &object)
            try object.setGlobal(Self.slow, to: Self.threshold.nanoseconds(environment))
        }
        source = program.choice
        histograms = HistogramReader(program)
        owners = try SocketOwners(program)
        displaced = DisplacedPlaces(program, of: "waits")
        subscription = try EventSubscription(environment, Self.definition.name, program) { record in
            record.load(as: skoop_tasklatency_event.self).map { ProbeEvent($0) }
        }
    }

    /// Reads the histograms.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        if owners.failures > 0 { scrape.problems.record("socket-owners") }
        try displaced.record(in: scrape)
        var latency = Family(TaskLatencyMetric.latency.metric)
        for row in try histograms.rows(scrape) {
            latency.append(
                sum: row.sum, counts: row.slots, for: row.entity, labels: [skoop_task_wait(row.kind).label])
        }
        return [latency]
    }
}

extension skoop_task_wait {
    fileprivate var label: String { self == SKOOP_TASK_WOKEN ? "woken" : "preempted" }
}

extension ProbeEvent {
    fileprivate init(_ record: skoop_tasklatency_event) {
        let cause = skoop_task_wait(record.event.kind).label
        self.init(
            TaskLatencyEvent.slow.type, record.event,
            values: [.string(cause), .integer(Int64(record.cpu)), .duration(record.latency)],
            message: "cpu=\(record.cpu) pid=\(record.event.pid) latency=\(MessageText.duration(record.latency))")
    }
}
