// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
public import SkoopModel

/// How long data waits in sockets: arrived until read (TCP and UDP), written until sent (TCP).
///
/// KubeSkoop's counters are those of TCP.
public struct SocketLatencyProbe: Probe {
    /// Attached to tracepoints, on older kernels to functions.
    public static let definition = ProbeDefinition(
        SocketLatencyMetric.self, SocketLatencyExtraMetric.self, events: SocketLatencyEvent.self, sources: [.ebpf],
        arguments: [readThreshold.argument, sendThreshold.argument])

    private static let readThreshold = Threshold("readThreshold", usual: .milliseconds(100), of: "late reads")
    private static let sendThreshold = Threshold("sendThreshold", usual: .milliseconds(100), of: "late sends")
    private static let slow: BPFGlobalName<SIMD2<UInt64>> = "slow"

    private static let needs = [
        AttachedProgram.Need([
            .init("on_ready", to: .btfTracepoint("sk_data_ready")),
            .init("on_ready_fentry", to: .fentry("sock_def_readable")),
            .init("on_ready_kprobe", to: .kprobe("sock_def_readable")),
        ]),
        AttachedProgram.Need([Self.reads, .init("on_space_adjust", to: .btfTracepoint("tcp_rcv_space_adjust"))]),
        AttachedProgram.Need([
            .init("on_write", to: .btfTracepoint("tcp_sendmsg_locked")),
            .init("on_write_fentry", to: .fentry("tcp_sendmsg_locked")),
            .init("on_write_kprobe", to: .kprobe("tcp_sendmsg_locked")),
        ]),
        AttachedProgram.Need([.init("on_queue", to: .btfTracepoint("net_dev_queue"))]),
    ]

    /// What TCP and UDP pass.
    private static let reads = BPFAttachment("on_receive", to: .btfTracepoint("sock_recv_length"))
    /// What UDP passes where it does not pass that.
    private static let readsOfUDP = AttachedProgram.Need(
        [
            .init("on_consume_fentry", to: .fentry("skb_consume_udp")),
            .init("on_consume_kprobe", to: .kprobe("skb_consume_udp")),
        ], orElse: "reads of UDP sockets are not seen")

    /// The hooks in use.
    public let source: SourceChoice
    private let histograms: HistogramReader
    private let subscription: EventSubscription?

    /// Attaches the programs.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let slow: SIMD2 = [
            Self.readThreshold.nanoseconds(environment), Self.sendThreshold.nanoseconds(environment),
        ]
        let seesUDP = Self.reads.hook.hindrance == nil
        let needs = Self.needs + (seesUDP ? [] : [Self.readsOfUDP])
        let program = try AttachedProgram(.socketlatency, environment, needs: needs) { object throws(BPFError) in
            if seesUDP { for other in Self.readsOfUDP.alternatives { try object.disable(other.program) } }
            try HistogramReader.makeRoom(for: 3, in: &object)
            try object.setGlobal(Self.slow, to: slow)
        }
        source = program.choice
        histograms = HistogramReader(program)
        subscription = try EventSubscription(environment, Self.definition.name, program) { record in
            record.load(as: skoop_socketlatency_event.self).map { ProbeEvent($0) }
        }
    }

    /// Reads histograms and counters.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        var counters = SocketLatencyMetric.metrics.map { Family($0) }
        var read = Family(SocketLatencyExtraMetric.read.metric)
        var write = Family(SocketLatencyExtraMetric.write.metric)
        for row in try histograms.rows(scrape) {
            let isUDP = row.kind % 2 == 1
            let isRead = row.kind / 2 == SKOOP_SOCKET_READ.rawValue
            if isRead {
                read.append(sum: row.sum, counts: row.slots, for: row.entity, labels: [isUDP ? "UDP" : "TCP"])
            } else {
                write.append(sum: row.sum, counts: row.slots, for: row.entity)
            }
            guard !isUDP else { continue }
            counters[isRead ? 0 : 2].append(row.over.ms1, for: row.entity)
            counters[isRead ? 1 : 3].append(row.over.ms100, for: row.entity)
        }
        return (counters + [read, write]).filter { $0.count > 0 }
    }
}

extension ProbeEvent {
    fileprivate init(_ record: skoop_socketlatency_event) {
        let type: SocketLatencyEvent = record.event.kind == SKOOP_SOCKET_READ.rawValue ? .readSlow : .sendSlow
        self.init(type.type, record.event, values: [.duration(record.latency)])
        message = MessageText.ends(tuple) + "latency=\(MessageText.duration(record.latency))"
    }
}
