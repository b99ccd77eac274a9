// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
public import SkoopModel
internal import SkoopSystem

/// How long packets take through the IP layer, per namespace: received, sent and forwarded, in stages.
///
/// At functions of the kernel where it has fentry or kprobes; otherwise within netfilter's hooks, where each namespace takes
/// fourteen descriptors, and one that comes into being is watched a second later.
public struct KernelLatencyProbe: Probe {
    /// Attached to three tracepoints, and to functions or in netfilter's hooks.
    public static let definition = ProbeDefinition(
        KernelLatencyMetric.self, KernelLatencyExtraMetric.self, events: KernelLatencyEvent.self, sources: [.ebpf],
        arguments: [threshold.argument])

    private static let threshold = Threshold(
        "threshold", usual: .milliseconds(10), of: "packets that were slow in the IP layer")
    private static let slow: BPFGlobalName<UInt64> = "slow"

    /// The hooks in use.
    public let source: SourceChoice
    private let histograms: HistogramReader
    private var displaced: DisplacedPlaces
    private let namespaces: InEveryNamespace?
    private let subscription: EventSubscription?

    /// Attaches the programs.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let hooks = try KernelLatencyHooks.choose(environment)
        let program = try AttachedProgram(.kernellatency, environment, needs: hooks.needs) { object throws(BPFError) in
            try hooks.disableOthers(&object)
            try HistogramReader.makeRoom(forGroups: KernelLatencyDirection.allCases.count, in: &object)
            try object.setGlobal(Self.slow, to: Self.threshold.nanoseconds(environment))
        }
        var source = program.choice
        switch hooks {
        case .functions: namespaces = nil
        case .netfilter(let reason):
            namespaces = try InEveryNamespace(
                name: "kernellatency", environment, limit: OpenFileLimit.current / 2 / NetfilterLinks.count
            ) { _ throws(ProbeError) in try NetfilterLinks(program) }
            source.reason = [source.reason, "not \(reason)"].filter { !$0.isEmpty }.joined(separator: "; ")
            source.hooks += KernelLatencyHooks.points.map {
                "netfilter/\($0.point)/\($0.isFirst ? "first" : "last")"
            }
        }
        self.source = source
        histograms = HistogramReader(program, .grouped)
        displaced = DisplacedPlaces(program)
        subscription = try EventSubscription(environment, Self.definition.name, program) { record in
            record.load(as: skoop_kernellatency_event.self).flatMap { ProbeEvent($0) }
        }
    }

    /// Reads histograms and counters.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        var total = Family(KernelLatencyExtraMetric.total.metric)
        var stages = Family(KernelLatencyExtraMetric.stage.metric)
        var slow: [KernelLatencyMetric: Family] = [:]
        for metric in KernelLatencyMetric.allCases { slow[metric] = Family(metric.metric) }
        for row in try histograms.rows(scrape) {
            guard let direction = KernelLatencyDirection(rawValue: row.kind / 8) else { continue }
            if let stage = KernelLatencyStage(rawValue: row.kind % 8) {
                stages.append(sum: row.sum, counts: row.slots, for: row.entity, labels: [direction.label, stage.label])
                continue
            }
            total.append(sum: row.sum, counts: row.slots, for: row.entity, labels: [direction.label])
            if let (ms10, ms100) = direction.counters {
                slow[ms10]?.append(row.over.ms10, for: row.entity)
                slow[ms100]?.append(row.over.ms100, for: row.entity)
            }
        }
        try displaced.record(in: scrape)
        if let standing = namespaces?.standing {
            let unwatched = standing.failures.count + standing.beyondLimit
            if unwatched > 0 { scrape.problems.record("namespace-not-watched", count: UInt64(unwatched)) }
        }
        return (KernelLatencyMetric.allCases.compactMap { slow[$0] } + [total, stages]).filter { $0.count > 0 }
    }
}

extension KernelLatencyDirection {
    /// KubeSkoop's counters of packets slower than 10 and 100 ms; nil where it has none.
    fileprivate var counters: (ms10: KernelLatencyMetric, ms100: KernelLatencyMetric)? {
        switch self {
        case .receive: (.rxslow, .rxslow100ms)
        case .send: (.txslow, .txslow100ms)
        case .forward: nil
        }
    }
}

extension ProbeEvent {
    /// An event of the kernellatency program; nil for one of an unknown direction.
    fileprivate init?(_ record: skoop_kernellatency_event) {
        guard let direction = KernelLatencyDirection(rawValue: record.event.kind) else { return nil }
        let s = record.stages
        let all = [s.0, s.1, s.2, s.3, s.4, s.5, s.6]
        let taken = direction.stages.map { stage -> UInt64? in
            record.seen & 1 << UInt64(stage.rawValue) == 0 ? nil : all[Int(stage.rawValue)]
        }
        self.init(
            direction.event.type, record.event,
            values: [.duration(record.latency)] + taken.map { $0.map { .duration($0) } })
        // KubeSkoop writes a colon of received packets, an equals sign of sent ones, and knows no neighbours.
        let sign = direction == .send ? "=" : ":"
        let parts = zip(direction.stages, taken).filter { $0.0 != .neighbour }.map { stage, latency in
            "\(stage.label)\(sign)\(MessageText.duration(latency ?? 0))"
        }
        message =
            MessageText.ends(tuple)
            + (["latency\(sign)\(MessageText.duration(record.latency))"] + parts).joined(separator: " ")
    }
}
