// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
public import SkoopModel

/// TCP resets, sent and received: how many, whose, between which ends, what led to them and why.
///
/// Not among the received ones are those that come for a connection half open at the server, for a socket in TIME_WAIT,
/// and where there is no socket: `tcp_check_req` and `tcp_timewait_state_process` in `net/ipv4/tcp_minisocks.c` pass no
/// tracepoint.
public struct TCPResetProbe: Probe {
    /// Attached to two tracepoints, and before 6.10 to two functions.
    public static let definition = ProbeDefinition(
        TCPResetMetric.self, events: TCPResetEvent.self, sources: [.ebpf], arguments: [.stack])

    private static let tracepoints = [
        AttachedProgram.Need([
            .init("on_send", to: .btfTracepoint("tcp_send_reset")),
            .init("on_raw_send", to: .rawTracepoint("tcp_send_reset")),
        ]),
        AttachedProgram.Need([
            .init("on_receive", to: .btfTracepoint("tcp_receive_reset")),
            .init("on_raw_receive", to: .rawTracepoint("tcp_receive_reset")),
        ]),
    ]
    /// Where the tracepoint does not have what is sent without a socket.
    private static let functions = [
        AttachedProgram.Need(
            [
                .init("on_entry_v4", to: .fentry("tcp_v4_send_reset")),
                .init("on_kprobe_v4", to: .kprobe("tcp_v4_send_reset")),
            ], orElse: "no IPv4 resets for which there is no socket"),
        AttachedProgram.Need(
            [
                .init("on_entry_v6", to: .fentry("tcp_v6_send_reset")),
                .init("on_kprobe_v6", to: .kprobe("tcp_v6_send_reset")),
            ], orElse: "no IPv6 resets for which there is no socket"),
    ]
    private static let resets: BPFMapName<skoop_reset_key, skoop_reset_count> = "resets"

    /// The hooks in use.
    public let source: SourceChoice
    private let program: AttachedProgram
    private let subscription: EventSubscription?
    private let reasons: ResetReasons
    private var lease: RowLease
    private var overflow = RowOverflow(of: "resets")

    /// Attaches the programs.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let reasons = try ResetReasons.ofRunningKernel()
        let functions = environment.readers.shared { KernelFunctions() }
        let needs = reasons.isEmpty ? Self.tracepoints + Self.functions : Self.tracepoints
        program = try AttachedProgram(.tcpreset, environment, needs: needs) { object throws(BPFError) in
            guard !reasons.isEmpty else { return }
            for attachment in Self.functions.flatMap(\.alternatives) { try object.disable(attachment.program) }
        }
        source = program.choice
        lease = RowLease(environment)
        self.reasons = reasons
        subscription = try EventSubscription(environment, Self.definition.name, program) { record in
            Self.event(record, reasons, functions)
        }
    }

    static func event(_ record: RawSpan, _ reasons: ResetReasons, _ functions: KernelFunctions) -> ProbeEvent? {
        guard let head = record.load(as: skoop_tcpreset_event.self), let kind = ResetKind(rawValue: head.event.kind)
        else { return nil }
        let reason = reasons.name(head.reason)
        let state = TCPState.name(head.state)
        let frames = ProbeEvent.stack(in: record, after: MemoryLayout<skoop_tcpreset_event>.size)
        let stack = functions.stack(frames)
        var message = MessageText.ends(PacketTuple(head.event.tuple))
        if let state { message += " state:\(state) " }
        if let reason { message += " reason:\(reason) " }
        let values: [EventValue?] = [state.map { .string($0) }, stack.isEmpty ? nil : .list(stack)]
        return ProbeEvent(
            kind.event.type, head.event, values: kind == .receive ? values : values + [reason.map { .string($0) }],
            message: ([message] + stack).joined(separator: "\n"))
    }

    /// Reads the counters.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let moment = lease.begin()
        return try program.access { object throws(BPFError) in
            let rows = try EntityRows<[String]>(
                Self.resets, of: object, program.owners(scrape), moment, key: { ($0.netns, $1.last) },
                row: { key, count in
                    let kind = ResetKind(rawValue: UInt32(key.kind))
                    let labels = [kind?.direction ?? "", kind?.label ?? "", reasons.name(UInt32(key.reason)) ?? ""]
                    return (labels, [count.packets])
                })
            try overflow.report(object, scrape)
            return rows.families([TCPResetMetric.resets.metric]) { $0 }
        }
    }
}

/// What led to a reset: `enum skoop_reset_kind`.
enum ResetKind: UInt32 {
    case noSocket, process, active, receive

    var event: TCPResetEvent {
        switch self {
        case .noSocket: .noSocket
        case .process: .process
        case .active: .active
        case .receive: .receive
        }
    }

    /// The label `direction`.
    var direction: String { self == .receive ? "received" : "sent" }

    /// The label `kind`.
    var label: String { "\(self)".lowercased() }
}
