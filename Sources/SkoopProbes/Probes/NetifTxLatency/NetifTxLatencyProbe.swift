// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
public import SkoopModel

/// How long packets to be sent wait in queueing disciplines, and how long drivers take to send them, per namespace.
public struct NetifTxLatencyProbe: Probe {
    /// Attached to five tracepoints.
    public static let definition = ProbeDefinition(
        NetifTxLatencyMetric.self, NetifTxLatencyExtraMetric.self, events: NetifTxLatencyEvent.self, sources: [.ebpf],
        arguments: [qdiscThreshold.argument, driverThreshold.argument])

    private static let qdiscThreshold = Threshold(
        "qdiscThreshold", usual: .milliseconds(100), of: "packets that waited in a queueing discipline")
    private static let driverThreshold = Threshold(
        "driverThreshold", usual: .milliseconds(100), of: "packets that a driver was slow to send")
    private static let slow: BPFGlobalName<SIMD2<UInt64>> = "slow"

    /// The hooks in use.
    public let source: SourceChoice
    private let histograms: HistogramReader
    private var displaced: DisplacedPlaces
    private let subscription: EventSubscription?

    /// Attaches the programs.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let program = try AttachedProgram(
            .netiftxlat, environment,
            needs: [
                .init(tracepoint: "net_dev_queue", "on_queue"), .init(tracepoint: "qdisc_dequeue", "on_dequeue"),
                .init(tracepoint: "net_dev_start_xmit", "on_start"), .init(tracepoint: "net_dev_xmit", "on_sent"),
                .init(tracepoint: "kfree_skb", "on_drop"),
            ]
        ) { object throws(BPFError) in
            try HistogramReader.makeRoom(for: 2, in: &object)
            try object.setGlobal(
                Self.slow,
                to: [Self.qdiscThreshold.nanoseconds(environment), Self.driverThreshold.nanoseconds(environment)])
        }
        source = program.choice
        histograms = HistogramReader(program)
        displaced = DisplacedPlaces(program)
        subscription = try EventSubscription(environment, Self.definition.name, program) { record in
            record.load(as: skoop_netiftxlat_event.self).map { ProbeEvent($0) }
        }
    }

    /// Reads histograms and counters.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        var waits = NetifTxLatencyExtraMetric.metrics.map { Family($0) }
        var slow = NetifTxLatencyMetric.metrics.map { Family($0) }
        for row in try histograms.rows(scrape) {
            let stage = Int(row.kind)
            waits[stage].append(sum: row.sum, counts: row.slots, for: row.entity)
            slow[stage].append(row.over.ms100, for: row.entity)
        }
        try displaced.record(in: scrape)
        return (slow + waits).filter { $0.count > 0 }
    }
}

extension ProbeEvent {
    /// An event of the netiftxlat program.
    fileprivate init(_ record: skoop_netiftxlat_event) {
        let event: NetifTxLatencyEvent = record.event.kind == SKOOP_NETIFTXLAT_QDISC.rawValue ? .qdisc : .driver
        self.init(
            event.type, record.event,
            values: [.integer(Int64(record.device)), .integer(Int64(record.length)), .duration(record.latency)])
        message = MessageText.ends(tuple) + "latency:" + MessageText.duration(record.latency)
    }
}
