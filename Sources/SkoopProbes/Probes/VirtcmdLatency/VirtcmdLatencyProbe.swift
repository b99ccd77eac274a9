// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
public import SkoopModel

/// How long commands to virtio network devices take; the driver holds a CPU until the hypervisor has answered.
public struct VirtcmdLatencyProbe: Probe {
    /// Attached to a function of the driver, which has no tracepoint.
    public static let definition = ProbeDefinition(
        VirtcmdLatencyMetric.self, VirtcmdLatencyExtraMetric.self, events: VirtcmdLatencyEvent.self, sources: [.ebpf],
        arguments: [threshold.argument])

    private static let threshold = Threshold("threshold", usual: .milliseconds(10), of: "virtio commands")
    private static let slow: BPFGlobalName<UInt64> = "slow"
    /// From 6.10 the second only calls the first, and may be inlined.
    private static let functions = ["virtnet_send_command_reply", "virtnet_send_command"]
    private static let needs = [
        AttachedProgram.Need(
            functions.map { .init("on_entry_fentry", to: .fentry($0)) }
                + functions.map { .init("on_entry", to: .kprobe($0)) }),
        AttachedProgram.Need(
            functions.map { .init("on_return_fexit", to: .fexit($0)) }
                + functions.map { .init("on_return", to: .kretprobe($0)) }),
    ]

    /// The hooks in use.
    public let source: SourceChoice
    private let histograms: HistogramReader
    private let subscription: EventSubscription?

    /// Attaches the programs.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let program = try AttachedProgram(.virtcmdlatency, environment, needs: Self.needs) { object throws(BPFError) in
            try object.setGlobal(Self.slow, to: Self.threshold.nanoseconds(environment))
        }
        source = program.choice
        histograms = HistogramReader(program, ofNode: true)
        subscription = try EventSubscription(environment, Self.definition.name, program) { record in
            record.load(as: skoop_virtcmdlatency_event.self).map { ProbeEvent($0) }
        }
    }

    /// Reads the histogram and the counters.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        var counters = VirtcmdLatencyMetric.metrics.map { Family($0) }
        var duration = Family(VirtcmdLatencyExtraMetric.duration.metric)
        for row in try histograms.rows(scrape) {
            duration.append(sum: row.sum, counts: row.slots)
            counters[0].append(row.over.ms10)
            counters[1].append(row.over.ms100)
        }
        return counters + [duration]
    }
}

extension ProbeEvent {
    fileprivate init(_ record: skoop_virtcmdlatency_event) {
        let type: VirtcmdLatencyEvent = record.latency > 100_000_000 ? .slow100ms : .slow
        self.init(
            type.type, record.event,
            values: [
                .integer(Int64(record.cpu)), .duration(record.latency), .string(Self.command(record.class)),
            ],
            message: "cpu=\(record.cpu)  pid=\(record.event.pid)  latency=\(MessageText.duration(record.latency))")
    }

    /// `VIRTIO_NET_CTRL_…` of `include/uapi/linux/virtio_net.h`.
    private static func command(_ number: UInt32) -> String {
        let names = ["rx", "mac", "vlan", "announce", "mq", "guest-offloads", "notf-coal"]
        return number < names.count ? names[Int(number)] : "class-\(number)"
    }
}
