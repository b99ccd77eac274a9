// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPFHeaders
internal import SkoopModel

/// The rows of the flow program: each for whoever saw it, and together for KubeSkoop's metrics.
///
/// A packet from one pod to another is seen by both, and by the node where it leaves. KubeSkoop's metrics do not say who
/// saw it, so that of all who did the one with most counts: a sum would have every packet twice.
struct FlowRows {
    private struct Total {
        var ends: TupleRows<skoop_flow_key>.Ends
        var bytes: UInt64 = 0
        var packets: UInt64 = 0
        var last: UInt64 = 0
        var keys: [skoop_flow_key] = []
    }

    /// What those see who have the flow on one of their devices.
    private struct Way: Hashable {
        var isEgress: Bool
        var ends: TupleRows<skoop_flow_key>.Ends
    }

    private let scrape: Scrape
    private let owners: RowOwners
    private var totals: [PacketTuple: Total] = [:]
    /// Together, for several namespaces may be one entity's.
    private var own = EntityRows<Way>()
    private var absent: [skoop_flow_key] = []

    /// Begins without rows.
    init(_ scrape: Scrape, _ owners: RowOwners) {
        self.scrape = scrape
        self.owners = owners
    }

    /// Adds an entry of the map.
    mutating func add(_ key: skoop_flow_key, _ flow: skoop_flow) {
        guard let tuple = PacketTuple(key.tuple), let entity = owners.entity(of: key.netns) else {
            return absent.append(key)
        }
        let ends = TupleRows<skoop_flow_key>.Ends(tuple, in: key.netns, at: flow.last, scrape)
        var total = totals.removeValue(forKey: tuple) ?? Total(ends: ends)
        if total.ends.source == .unknown { total.ends.source = ends.source }
        if total.ends.destination == .unknown { total.ends.destination = ends.destination }
        total.bytes = max(total.bytes, flow.bytes)
        total.packets = max(total.packets, flow.packets)
        total.last = max(total.last, flow.last)
        total.keys.append(key)
        totals[tuple] = total

        let way = Way(isEgress: key.direction == SKOOP_FLOW_EGRESS.rawValue, ends: ends)
        own.add([flow.bytes, flow.packets, flow.drops, flow.retransmits], way, for: entity)
    }

    /// All families.
    var families: [Family] {
        var bytes = Family(FlowMetric.bytes.metric, reserving: totals.count)
        var packets = Family(FlowMetric.packets.metric, reserving: totals.count)
        for total in totals.values.sorted(by: { $0.ends < $1.ends }) where total.packets > 0 {
            let ends = total.ends
            let labels = TupleLabels.values(ends.tuple, source: ends.source, destination: ends.destination)
            bytes.append(total.bytes, labels: labels)
            packets.append(total.packets, labels: labels)
        }
        return [bytes, packets]
            + own.families(FlowExtraMetric.metrics, omitsZeros: true) { way in
                [way.isEgress ? "egress" : "ingress"]
                    + TupleLabels.values(way.ends.tuple, source: way.ends.source, destination: way.ends.destination)
            }
    }

    /// The namespaces with flows that the scrape does not know.
    var unknown: Set<UInt32> { Set(absent.lazy.map(\.netns)) }

    /// The keys of flows of these namespaces, and of those that nobody has seen since the moment `moment` (ns of
    /// `CLOCK_MONOTONIC`).
    func keys(of gone: Set<UInt32>, unchangedSince moment: UInt64) -> [skoop_flow_key] {
        absent.filter { gone.contains($0.netns) } + totals.values.flatMap { $0.last < moment ? $0.keys : [] }
    }
}
