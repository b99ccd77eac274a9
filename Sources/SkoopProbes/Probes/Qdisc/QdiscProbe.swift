// SPDX-License-Identifier: Apache-2.0
public import SkoopModel
internal import SkoopSystem

/// Traffic, drops and backlog of every namespace's queueing disciplines.
///
/// The sum is over the outermost discipline of each device that counts for ``NetdevProbe``. Inner ones are in it already,
/// for a root counts what its classes and queues count; `ingress` and `clsact` queue nothing and are not roots. What a
/// discipline that was replaced had counted stays in the sum as long as the namespace lives.
///
/// No file shows queueing disciplines, so that netlink is the only source.
public struct QdiscProbe: Probe {
    /// Netlink only.
    public static let definition = ProbeDefinition(
        QdiscMetric.self, QdiscDeviceMetric.self, sources: [.netlink],
        arguments: [
            .perDevice(
                help: "also export the disciplines of every device, inner ones too, labelled `device` and `kind`")
        ])

    /// The source in use.
    public let source: SourceChoice
    private let reader: DeviceReader
    private let isPerDevice: Bool
    private var sums = RetainingSum<NamespaceKey, QdiscKey>(width: QdiscKey.sumWidth, narrow: QdiscKey.narrow)
    private var kinds = RetainingSum<QdiscKindKey, QdiscKey>(width: QdiscKey.width, narrow: QdiscKey.narrow)

    /// Checks that the kernel answers.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        guard environment.requiredSource ?? .netlink == .netlink else {
            throw ProbeError(
                .invalidArgument, "source '\(environment.requiredSource?.rawValue ?? "")', allowed: netlink")
        }
        try DeviceReader.check(Qdisc.request)
        source = environment.requiredSource == .netlink ? .configured(.netlink) : SourceChoice(.netlink)
        isPerDevice = environment.flag("perDevice")
        reader = DeviceReader.shared(environment)
        reader.wantQdiscs()
    }

    /// Reads the queueing disciplines of every namespace.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let reading = try reader.reading(of: scrape)
        add(reading)
        var families = QdiscMetric.allCases.map { Family($0.metric, reserving: reading.namespaces.count) }
        for namespace in reading.namespaces {
            guard let qdiscs = namespace.qdiscs else { continue }
            let counted = reading.qdiscs[qdiscs].lazy.filter { reading.counts($0) }
            let length = counted.reduce(0) { $0 + UInt64($1.qdisc.length) }
            let backlog = counted.reduce(0) { $0 + UInt64($1.qdisc.backlog) }
            for (place, metric) in QdiscMetric.allCases.enumerated() {
                let value =
                    switch metric {
                    case .bytes: sums.total(of: namespace.key, column: 0)
                    case .packets: sums.total(of: namespace.key, column: 1)
                    case .drops: sums.total(of: namespace.key, column: 2)
                    case .overlimits: sums.total(of: namespace.key, column: 3)
                    case .qlen: UInt64?(length)
                    case .backlog: UInt64?(backlog)
                    }
                if let value { families[place].append(value, for: namespace.entity) }
            }
        }
        return isPerDevice ? families + deviceFamilies(reading) : families
    }

    private mutating func add(_ reading: DeviceReading) {
        sums.begin()
        for namespace in reading.namespaces {
            guard let qdiscs = namespace.qdiscs else {
                sums.keep(partsOf: namespace.key)
                continue
            }
            sums.keep(owner: namespace.key)
            for entry in reading.qdiscs[qdiscs] where reading.counts(entry) {
                let key = QdiscKey(entry, in: namespace.key, of: reading)
                let values = QdiscKey.counters(entry.qdisc)
                sums.add(values.span.extracting(first: QdiscKey.sumWidth), of: key, to: namespace.key)
            }
        }
        sums.end()
    }

    private mutating func deviceFamilies(_ reading: DeviceReading) -> [Family] {
        var rows: [QdiscKindKey: QdiscKindRow] = [:]
        kinds.begin()
        for namespace in reading.namespaces {
            for entry in reading.qdiscs[namespace.qdiscs ?? 0..<0] where reading.devices[entry.device].isListed {
                let key = QdiscKey(entry, in: namespace.key, of: reading)
                let owner = QdiscKindKey(device: key.device, kind: key.kind)
                kinds.add(QdiscKey.counters(entry.qdisc).span, of: key, to: owner)
                let row = QdiscKindRow(
                    entity: namespace.entity, device: reading.devices[entry.device].name, place: rows.count)
                rows[owner, default: row].add(entry.qdisc)
            }
        }
        kinds.end()
        let sorted = rows.sorted { $0.value.place < $1.value.place }
        return QdiscDeviceMetric.allCases.map { metric in
            var family = Family(metric.metric, reserving: rows.count)
            for (owner, row) in sorted {
                let value =
                    switch metric {
                    case .bytes: kinds.total(of: owner, column: 0)
                    case .packets: kinds.total(of: owner, column: 1)
                    case .drops: kinds.total(of: owner, column: 2)
                    case .overlimits: kinds.total(of: owner, column: 3)
                    case .requeues: kinds.total(of: owner, column: 4)
                    case .qlen: UInt64?(row.length)
                    case .backlog: UInt64?(row.backlog)
                    }
                if let value { family.append(value, for: row.entity, labels: [row.device, owner.kind]) }
            }
            return family
        }
    }
}
