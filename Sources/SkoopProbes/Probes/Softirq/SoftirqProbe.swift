// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
public import SkoopModel

/// How long softirqs wait to run and how long they run, for the node, by type.
///
/// Watches the types of the argument `softirq-types`, by default `net_rx`: the others are free of cost.
public struct SoftirqProbe: Probe {
    /// Attached to three tracepoints.
    public static let definition = ProbeDefinition(
        SoftirqMetric.self, SoftirqExtraMetric.self, events: SoftirqEvent.self, sources: [.ebpf],
        arguments: [types, schedThreshold.argument, excuteThreshold.argument])

    private static let types = ProbeArgument(
        "softirq-types", .list(of: SoftirqVector.allCases.map(\.rawValue)),
        help: "which softirqs to watch; net_rx by default")
    private static let schedThreshold = Threshold(
        "schedThreshold", usual: .milliseconds(10), of: "softirqs that began late")
    private static let excuteThreshold = Threshold(
        "excuteThreshold", usual: .milliseconds(10), of: "softirqs that ran long")
    private static let vectors: BPFGlobalName<UInt32> = "vectors"
    private static let slow: BPFGlobalName<SIMD2<UInt64>> = "slow"

    /// The hooks in use.
    public let source: SourceChoice
    private let histograms: HistogramReader
    private let subscription: EventSubscription?

    /// Attaches the programs.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let mask = try Self.mask(environment)
        let needs: [AttachedProgram.Need] = [
            .init(tracepoint: "softirq_raise", "on_raise"), .init(tracepoint: "softirq_entry", "on_entry"),
            .init(tracepoint: "softirq_exit", "on_exit"),
        ]
        let program = try AttachedProgram(.softirq, environment, needs: needs) { object throws(BPFError) in
            try object.setGlobal(Self.vectors, to: mask)
            try object.setGlobal(
                Self.slow,
                to: [Self.schedThreshold.nanoseconds(environment), Self.excuteThreshold.nanoseconds(environment)])
        }
        source = program.choice
        histograms = HistogramReader(program, .indexed)
        subscription = try EventSubscription(environment, Self.definition.name, program) { record in
            record.load(as: skoop_softirq_event.self).flatMap { ProbeEvent($0) }
        }
    }

    private static func mask(_ environment: ProbeEnvironment) throws(ProbeError) -> UInt32 {
        guard case .list(let names) = environment.arguments[types.name] else {
            return SoftirqVector.mask(of: [SoftirqVector.receive.rawValue])
        }
        let mask = SoftirqVector.mask(of: names)
        guard mask != 0 else {
            throw ProbeError(.invalidArgument, "\(types.name) is empty, so that there is nothing to watch")
        }
        return mask
    }

    /// Reads histograms and counters.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        var latency = Family(SoftirqExtraMetric.latency.metric)
        var duration = Family(SoftirqExtraMetric.duration.metric)
        var counters = SoftirqMetric.metrics.map { Family($0) }
        for row in try histograms.rows(scrape) {
            guard let vector = SoftirqVector(number: row.kind / 2) else { continue }
            let labels = [vector.rawValue]
            let slow = [row.over.ms10, row.over.ms100]
            if row.kind % 2 == SKOOP_SOFTIRQ_RAISED.rawValue {
                latency.append(sum: row.sum, counts: row.slots, labels: labels)
                for (index, value) in slow.enumerated() { counters[index].append(value, labels: labels) }
            } else {
                duration.append(sum: row.sum, counts: row.slots, labels: labels)
                for (index, value) in slow.enumerated() { counters[2 + index].append(value, labels: labels) }
            }
        }
        return (counters + [latency, duration]).filter { $0.count > 0 }
    }
}

extension ProbeEvent {
    /// An event of the softirq program; nil for one of a vector that no kernel has.
    fileprivate init?(_ record: skoop_softirq_event) {
        guard let vector = SoftirqVector(number: record.vector) else { return nil }
        let isVerySlow = record.latency > 100_000_000
        let event: SoftirqEvent =
            record.event.kind == SKOOP_SOFTIRQ_RAISED.rawValue
            ? isVerySlow ? .sched100ms : .schedSlow : isVerySlow ? .excute100ms : .excuteSlow
        self.init(
            event.type, record.event,
            values: [.string(vector.rawValue), .integer(Int64(record.cpu)), .duration(record.latency)],
            message: "cpu=\(record.cpu) pid=\(record.event.pid) latency=\(MessageText.duration(record.latency))")
    }
}
