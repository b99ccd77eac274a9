// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
public import SkoopModel

/// TCP packets that are sent again: how many, whose, between which ends, how their loss was found out.
public struct TCPRetransProbe: Probe {
    /// Attached to two tracepoints.
    public static let definition = ProbeDefinition(
        TCPRetransMetric.self, TCPRetransExtraMetric.self, events: TCPRetransEvent.self, sources: [.ebpf],
        arguments: [.stack, bothPorts, .rows(standard: 4096), .idle])

    private static let bothPorts = ProbeArgument(
        "enableBothPorts", .bool,
        help: "a row for each connection; without, and when all rows are taken, the higher port is 0; true unless set")

    private static let hooks = [
        AttachedProgram.Need([
            .init("on_retransmit", to: .btfTracepoint("tcp_retransmit_skb")),
            .init("on_raw_retransmit", to: .rawTracepoint("tcp_retransmit_skb")),
        ]),
        AttachedProgram.Need([
            .init("on_synack", to: .btfTracepoint("tcp_retransmit_synack")),
            .init("on_raw_synack", to: .rawTracepoint("tcp_retransmit_synack")),
        ]),
    ]
    private typealias Rows = BPFMapName<skoop_retrans_ends, skoop_retrans_count>
    private static let kinds: BPFMapName<skoop_retrans_key, skoop_retrans_count> = "kinds"
    private static let connections: Rows = "connections"
    private static let services: Rows = "services"

    /// The hooks in use.
    public let source: SourceChoice
    private let program: AttachedProgram
    private let subscription: EventSubscription?
    private var lease: RowLease
    private var overflow = RowOverflow(of: "kinds", "services")

    /// Attaches the programs.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let functions = environment.readers.shared { KernelFunctions() }
        let rows = Int(environment.number(ProbeArgument.rowsName, orElse: 4096))
        program = try AttachedProgram(.tcpretrans, environment, needs: Self.hooks) { object throws(BPFError) in
            try object.setGlobal("both_ports", to: environment.arguments[Self.bothPorts.name] != .bool(false))
            try object.resize(Self.connections, entries: rows)
            try object.resize(Self.services, entries: rows)
        }
        source = program.choice
        lease = RowLease(environment)
        subscription = try EventSubscription(environment, Self.definition.name, program) { record in
            Self.event(record, functions)
        }
    }

    static func event(_ record: RawSpan, _ functions: KernelFunctions) -> ProbeEvent? {
        guard let head = record.load(as: skoop_tcpretrans_event.self),
            let kind = RetransmissionKind(rawValue: head.event.kind)
        else { return nil }
        let frames = ProbeEvent.stack(in: record, after: MemoryLayout<skoop_tcpretrans_event>.size)
        let stack = functions.stack(frames)
        let state = TCPState.name(UInt32(head.state))
        let isEstablished = kind != .synAck && kind != .syn
        let congestion = isEstablished ? CongestionState(rawValue: head.congestion).map { "\($0)" } : nil
        var message = MessageText.ends(PacketTuple(head.event.tuple)) + "kind:\(kind.label) segments:\(head.segments) "
        if head.rtt > 0 { message += "rtt:\(MessageText.duration(UInt64(head.rtt) * 1000)) " }
        if isEstablished { message += "cwnd:\(head.window) " }
        if let state { message += "state:\(state) " }
        return ProbeEvent(
            TCPRetransEvent.retransmission.type, head.event,
            values: [
                .string(kind.label), .integer(Int64(head.segments)), .integer(Int64(head.bytes)),
                head.rtt > 0 ? .duration(UInt64(head.rtt) * 1000) : nil,
                isEstablished ? .integer(Int64(head.window)) : nil, congestion.map { .string($0) },
                .integer(Int64(head.attempts)), state.map { .string($0) }, stack.isEmpty ? nil : .list(stack),
            ],
            message: ([message] + stack).joined(separator: "\n"))
    }

    /// Reads the counters.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let moment = lease.begin()
        let owners = program.owners(scrape)
        return try program.access { object throws(BPFError) in
            let kinds = try EntityRows<UInt32>(
                Self.kinds, of: object, owners, moment, key: { ($0.netns, $1.last) },
                row: { ($0.kind, [$1.packets, $1.segments]) })
            var rows = TupleRows<(map: Rows, key: skoop_retrans_ends)>()
            var strangers: [(map: Rows, key: skoop_retrans_ends)] = []
            for name in [Self.connections, Self.services] {
                try object.map(name).forEach { key, count in
                    guard let tuple = PacketTuple(key) else { return }
                    if tuple.isLoopback, owners.reused.contains(key.netns) { return strangers.append((name, key)) }
                    rows.add(
                        [count.packets], .init(tuple, in: key.netns, at: count.last, scrape), of: (name, key),
                        last: count.last)
                }
            }
            for (map, key) in rows.keys(unchangedSince: moment.idle) + strangers { try object.map(map).remove(key) }
            try overflow.report(object, scrape)
            return rows.families([TCPRetransMetric.total.metric])
                + kinds.families([TCPRetransExtraMetric.packets.metric, TCPRetransExtraMetric.segments.metric]) {
                    [RetransmissionKind(rawValue: $0)?.label ?? ""]
                }
        }
    }
}

extension PacketTuple {
    /// The ends of a row.
    fileprivate init?(_ ends: skoop_retrans_ends) {
        guard let source = IPAddress(ends.source, family: ends.family),
            let destination = IPAddress(ends.destination, family: ends.family)
        else { return nil }
        self.init(
            protocolNumber: 6, source: End(source, port: ends.source_port),
            destination: End(destination, port: ends.destination_port))
    }
}
