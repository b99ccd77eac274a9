// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
public import SkoopModel
internal import SkoopSystem

/// Packets that the kernel dropped: how many, whose, between which addresses, why and where.
///
/// Packets that end as they should are not counted: see `DropReasons` and `DropPlaces`, and `Documentation/packetloss.md`.
public struct PacketlossProbe: Probe {
    /// Attached to one tracepoint.
    public static let definition = ProbeDefinition(
        PacketlossMetric.self, PacketlossExtraMetric.self, events: PacketlossEvent.self, sources: [.ebpf],
        arguments: [.stack, ignoredReasons, .rows(standard: 10_240), .idle])

    private static let ignoredReasons = ProbeArgument(
        "ignoreReasons", .list(of: []),
        help: "drop reasons that are no loss, in place of \(DropReasons.ordinary.joined(separator: ", "))")

    private static let hooks = AttachedProgram.Need([
        .init("on_kfree_skb", to: .btfTracepoint("kfree_skb")),
        .init("on_raw_kfree_skb", to: .rawTracepoint("kfree_skb")),
    ])
    private static let drops: BPFMapName<skoop_drop_key, skoop_drop_count> = "drops"
    private static let pairs: BPFMapName<skoop_drop_pair, skoop_drop_pair_count> = "pairs"

    /// The hook in use.
    public let source: SourceChoice
    private let program: AttachedProgram
    private let subscription: EventSubscription?
    private let reasons: DropReasons
    private let functions: KernelFunctions
    private var lease: RowLease
    private var overflow = RowOverflow(of: "drops", "pairs")

    /// Attaches the program.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let ordinary = try environment.names(Self.ignoredReasons.name) ?? DropReasons.ordinary
        let losses = try LossFilter(environment, ordinary: ordinary)
        let (reasons, functions) = (losses.reasons, losses.functions)
        let rows = environment.number(ProbeArgument.rowsName, orElse: 10_240)
        let program = try AttachedProgram(.packetloss, environment, needs: [Self.hooks]) { object throws(BPFError) in
            try losses.configure(&object)
            try object.resize(Self.pairs, entries: Int(rows))
        }
        self.program = program
        self.reasons = reasons
        self.functions = functions
        lease = RowLease(environment)
        var source = program.choice
        source.note(functions.hindrance.map { "no names of functions: \($0)" })
        if environment.arguments[Self.ignoredReasons.name] != nil, !reasons.isEmpty {
            let unknown = reasons.unknown(ordinary)
            source.note(
                unknown.isEmpty ? nil : "this kernel has no drop reason \(unknown.joined(separator: ", "))")
        }
        self.source = source
        subscription = try EventSubscription(environment, Self.definition.name, program) { record in
            Self.event(record, reasons, functions)
        }
    }

    static func event(_ record: RawSpan, _ reasons: DropReasons, _ functions: KernelFunctions) -> ProbeEvent? {
        guard let head = record.load(as: skoop_packetloss_event.self) else { return nil }
        let reason = reasons.name(head.reason)
        let location = functions.place(of: head.location)?.description
        let frames = ProbeEvent.stack(in: record, after: MemoryLayout<skoop_packetloss_event>.size)
        let stack = functions.stack(frames)
        var words = [MessageText.ends(PacketTuple(head.event.tuple))]
        if !reason.isEmpty { words.append("reason:\(reason) ") }
        if let location { words.append("location:\(location) ") }
        return ProbeEvent(
            PacketlossEvent.packetLoss.type, head.event,
            values: [
                reason.isEmpty ? nil : .string(reason), location.map { .string($0) },
                stack.isEmpty ? nil : .list(stack),
            ],
            message: ([words.joined()] + stack).joined(separator: "\n"))
    }

    /// Reads the counters.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let moment = lease.begin()
        let owners = program.owners(scrape)
        return try program.access { object throws(BPFError) in
            var families = try pairFamilies(object, scrape, owners, moment)
            families.append(try dropFamily(object, owners, moment))
            try overflow.report(object, scrape)
            return families
        }
    }

    private func pairFamilies(
        _ object: borrowing LoadedBPFObject, _ scrape: Scrape, _ owners: RowOwners, _ moment: RowLease.Moment
    ) throws(BPFError) -> [Family] {
        let map = try object.map(Self.pairs)
        var rows = TupleRows<skoop_drop_pair>()
        var strangers: [skoop_drop_pair] = []
        try map.forEach { key, count in
            guard let tuple = PacketTuple(key) else { return }
            if tuple.isLoopback, owners.reused.contains(key.netns) { return strangers.append(key) }
            let ends = TupleRows<skoop_drop_pair>.Ends(tuple, in: key.netns, at: count.last, scrape)
            rows.add([count.packets, count.netfilter], ends, of: key, last: count.last)
        }
        for key in rows.keys(unchangedSince: moment.idle) + strangers { try map.remove(key) }
        return rows.families([PacketlossMetric.total.metric, PacketlossMetric.netfilter.metric])
    }

    private func dropFamily(
        _ object: borrowing LoadedBPFObject, _ owners: RowOwners, _ moment: RowLease.Moment
    ) throws(BPFError) -> Family {
        let rows = try EntityRows<[String]>(
            Self.drops, of: object, owners, moment, key: { ($0.netns, $1.last) },
            row: { ([reasons.name($0.reason), functions.place(of: $0.location)?.function ?? ""], [$1.packets]) })
        return rows.families([PacketlossExtraMetric.drops.metric]) { $0 }[0]
    }
}

extension PacketTuple {
    /// The ends of a row.
    fileprivate init?(_ pair: skoop_drop_pair) {
        guard let source = IPAddress(pair.source, family: pair.family),
            let destination = IPAddress(pair.destination, family: pair.family)
        else { return nil }
        self.init(protocolNumber: pair.protocol, source: End(source), destination: End(destination))
    }
}
