// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
public import SkoopModel

/// How long requests to disks take, for whoever sent them.
public struct BioLatencyProbe: Probe {
    /// Attached to tracepoints, on kernels before 6.5 to a function too.
    public static let definition = ProbeDefinition(
        BioLatencyMetric.self, events: BioLatencyEvent.self, sources: [.ebpf], arguments: [threshold.argument])

    private static let threshold = Threshold("threshold", usual: .milliseconds(10), of: "requests to disks")
    private static let slow: BPFGlobalName<UInt64> = "slow"
    private static let startsSeen: BPFGlobalName<UInt8> = "starts_seen"
    private static let operations = ["read", "write", "flush", "discard", "other"]

    private static let start = AttachedProgram.Need(
        [
            .init("on_start", to: .btfTracepoint("block_io_start")),
            .init("on_start_fentry", to: .fentry("__blk_account_io_start")),
            .init("on_start_fentry", to: .fentry("blk_account_io_start")),
            .init("on_start_kprobe", to: .kprobe("__blk_account_io_start")),
            .init("on_start_kprobe", to: .kprobe("blk_account_io_start")),
            .init("on_bio", to: .btfTracepoint("block_getrq")),
        ], orElse: "requests count for the node only")
    private static let done = AttachedProgram.Need([
        .init("on_done", to: .btfTracepoint("block_io_done")),
        .init("on_complete", to: .btfTracepoint("block_rq_complete")),
    ])

    /// The hooks in use.
    public let source: SourceChoice
    private let histograms: HistogramReader
    private let subscription: EventSubscription?

    /// Attaches the programs.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let startsSeen = Self.start.alternatives.contains { $0.hook.hindrance == nil }
        let program = try AttachedProgram(
            .biolatency, environment, needs: [Self.start, Self.done]
        ) { object throws(BPFError) in
            try object.setGlobal(Self.slow, to: Self.threshold.nanoseconds(environment))
            try object.setGlobal(Self.startsSeen, to: startsSeen ? 1 : 0)
        }
        source = program.choice
        histograms = HistogramReader(program, ofNode: true)
        subscription = try EventSubscription(environment, Self.definition.name, program) { record in
            record.load(as: skoop_biolatency_event.self).map { event in
                ProbeEvent(event, disk: record.text(of: SKOOP_DISK_NAME, at: \skoop_biolatency_event.disk))
            }
        }
    }

    /// Reads the histograms.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        var latency = Family(BioLatencyMetric.latency.metric)
        for row in try histograms.rows(scrape) where row.kind < Self.operations.count {
            latency.append(
                sum: row.sum, counts: row.slots, for: row.entity, labels: [Self.operations[Int(row.kind)]])
        }
        return [latency]
    }

    fileprivate static func operation(_ number: UInt32) -> String {
        operations[min(Int(number), operations.count - 1)]
    }
}

extension ProbeEvent {
    fileprivate init(_ record: skoop_biolatency_event, disk: String) {
        self.init(
            BioLatencyEvent.slow.type, record.event,
            values: [
                .string(BioLatencyProbe.operation(record.operation)), .string(disk),
                .integer(Int64(clamping: record.sector)), .duration(record.latency),
            ])
        let (command, pid) = (process?.command ?? "unknown", record.event.pid)
        message = "\(command) \(pid) latency \(MessageText.duration(record.latency))"
    }
}
