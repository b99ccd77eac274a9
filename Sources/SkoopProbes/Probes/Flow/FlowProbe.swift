// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopIdentity
public import SkoopModel

/// Bytes, packets, drops and retransmissions between every two ends.
///
/// Packets are counted where they pass the devices of a pod's namespace, and on the node those of the devices with a
/// default route, or with the name that the argument `interfaceName` gives. Loopback traffic is not counted.
public struct FlowProbe: Probe {
    /// Attached to tracepoints that see every device.
    public static let definition = ProbeDefinition(
        FlowMetric.self, FlowExtraMetric.self, sources: [.ebpf],
        arguments: [interfaceName, enablePort, .rows(standard: standardRows), .idle])

    private static let interfaceName = ProbeArgument(
        "interfaceName", .string,
        help: "the node's devices to watch: a name, or how names begin and *; those with a default route unless set")
    private static let enablePort = ProbeArgument(
        "enablePortInLabel", .bool, help: "tells flows apart by ports too; many more rows, false unless set")
    private static let standardRows = 16_384

    private static let needs = [
        need("on_queue", "net_dev_queue"), need("on_receive", "netif_receive_skb"),
        need("on_kfree_skb", "kfree_skb", orElse: "drops are not counted"),
        need("on_retransmit", "tcp_retransmit_skb", orElse: "retransmissions are not counted"),
    ]
    private static let flows: BPFMapName<skoop_flow_key, skoop_flow> = "flows"

    /// The hooks in use.
    public let source: SourceChoice
    private let program: AttachedProgram
    private var devices: FlowDevices
    private let isByRoute: Bool
    private var lease: RowLease

    /// Attaches the programs.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let name = try DeviceName(environment, Self.interfaceName.name)
        let losses = try LossFilter(environment)
        let node = try Scrape.ofOwnNamespace(proc: environment.host.proc).census.inventory.nodeNamespace
        let rows = environment.number(ProbeArgument.rowsName, orElse: UInt64(Self.standardRows))
        let hasPorts = environment.flag(Self.enablePort.name)
        program = try AttachedProgram(.flow, environment, needs: Self.needs) { object throws(BPFError) in
            try losses.configure(&object)
            try object.setGlobal("ports_wanted", to: UInt8(hasPorts ? 1 : 0))
            try object.setGlobal("node_netns", to: UInt32(truncatingIfNeeded: node.rawValue))
            try object.setGlobal("device_name", to: name.bytes)
            try object.setGlobal("device_name_length", to: name.length)
            try object.resize(Self.flows, entries: Int(rows))
        }
        source = program.choice
        lease = RowLease(environment)
        devices = FlowDevices(node)
        if name.length == 0 { try devices.update(program) }
        isByRoute = name.length == 0
    }

    private static func need(
        _ program: String, _ tracepoint: String, orElse loss: String? = nil
    ) -> AttachedProgram.Need {
        AttachedProgram.Need(
            [
                .init(BPFProgramName(program), to: .btfTracepoint(tracepoint)),
                .init(BPFProgramName(program + "_raw"), to: .rawTracepoint(tracepoint)),
            ], orElse: loss)
    }

    /// Reads the counters; devices whose default route is new count from now on.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        if isByRoute { try devices.update(program) }
        let moment = lease.begin()
        let full = try program.overflow("flows_full")
        if full > 0 { scrape.problems.record("flows-full", count: full) }
        return try program.access { object throws(BPFError) in
            let map = try object.map(Self.flows)
            var rows = FlowRows(scrape, program.owners(scrape))
            try map.forEach { key, flow in rows.add(key, flow) }
            let gone = program.gone(rows.unknown, in: Self.flows.description)
            for key in rows.keys(of: gone, unchangedSince: moment.idle) { try map.remove(key) }
            return rows.families
        }
    }
}

/// The name of devices, or how it begins.
private struct DeviceName {
    /// As the program has it; its size is that of the kernel's `IFNAMSIZ`.
    var bytes = InlineArray<16, UInt8>(repeating: 0)
    /// How many bytes must be the same; for a whole name its end counts too, and 0 is for no name.
    var length: UInt32 = 0

    init(_ environment: ProbeEnvironment, _ argument: String) throws(ProbeError) {
        guard case .string(let text)? = environment.arguments[argument], !text.isEmpty else { return }
        let isPrefix = text.hasSuffix("*")
        let name = Array((isPrefix ? text.dropLast() : text[...]).utf8)
        guard 1...15 ~= name.count, !name.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: "/") })
        else {
            throw ProbeError(
                .invalidArgument,
                "\(argument): '\(text)', allowed: a device's name of 1 to 15 characters, or its beginning and *")
        }
        for (position, byte) in name.enumerated() { bytes[position] = byte }
        length = UInt32(name.count + (isPrefix ? 0 : 1))
    }
}
