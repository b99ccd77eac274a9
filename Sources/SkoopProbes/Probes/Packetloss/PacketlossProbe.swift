// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
public import SkoopModel

/// Packets that the kernel dropped, with the reason.
public struct PacketlossProbe: Probe {
    /// Attached to one tracepoint.
    public static let definition = ProbeDefinition(
        PacketlossMetric.self, events: PacketlossEvent.self, sources: [.ebpf], arguments: [.stack])

    /// The hook in use.
    public let source: SourceChoice
    private let program: AttachedProgram
    private let subscription: EventSubscription?

    /// Attaches the program.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let program = try AttachedProgram(
            .packetloss, environment, needs: [.init([.init("on_kfree_skb", to: .btfTracepoint("kfree_skb"))])])
        self.program = program
        source = program.choice
        subscription = try EventSubscription(environment, Self.definition.name, program) { record in
            guard let head = record.load(as: skoop_packetloss_event.self) else { return nil }
            return ProbeEvent(PacketlossEvent.packetLoss.type, head.event)
        }
    }

    /// Reads the counters.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] { [] }
}
