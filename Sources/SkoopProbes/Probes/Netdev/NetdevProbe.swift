// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
public import SkoopModel
internal import SkoopSystem

/// Bytes, packets, errors and drops of every namespace's network devices.
///
/// The sum is over the devices of a namespace that do not stand on others of it, so that a packet on a VLAN on a bond is
/// counted once, and on the node over the hardware, since what passes a pod's device is counted in the pod's namespace
/// already. What a device that is gone had counted stays in the sum as long as the namespace lives.
///
/// Netlink reads 64-bit counters of all devices of a namespace in one request. Where namespaces cannot be entered,
/// `/proc/<pid>/net/dev` gives the same counters; see `ProcDeviceReader` for what it does not tell.
public struct NetdevProbe: Probe {
    /// Netlink first, `/proc/<pid>/net/dev` otherwise.
    public static let definition = ProbeDefinition(
        NetdevMetric.self, NetdevDeviceMetric.self, sources: [.netlink, .procfs],
        arguments: [.perDevice(help: "also export every device by itself, labelled `device`")])

    /// The source in use.
    public let source: SourceChoice
    private let netlink: DeviceReader
    private let files: ProcDeviceReader
    private let isPerDevice: Bool
    private var sums = RetainingSum<NamespaceKey, DeviceKey>(width: LinkStatistics.width)

    /// Chooses the source.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        netlink = DeviceReader.shared(environment)
        files = ProcDeviceReader(host: environment.host)
        isPerDevice = environment.flag("perDevice")
        source = try environment.choose(.netlink, orElse: .procfs) { () throws(ProbeError) in
            try DeviceReader.check(LinkStatistics.request)
        }
    }

    /// Reads the devices of every namespace.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let reading = source.source == .netlink ? try netlink.reading(of: scrape) : try files.read(scrape)
        add(reading)
        let readable = reading.namespaces.filter { $0.devices != nil }
        let families = NetdevMetric.allCases.enumerated().map { column, metric in
            var family = Family(metric.metric, reserving: readable.count)
            for namespace in readable {
                guard let total = sums.total(of: namespace.key, column: column) else { continue }
                family.append(total, for: namespace.entity)
            }
            return family
        }
        return isPerDevice ? families + Self.deviceFamilies(reading) : families
    }

    private mutating func add(_ reading: DeviceReading) {
        sums.begin()
        for namespace in reading.namespaces {
            guard let devices = namespace.devices else {
                sums.keep(partsOf: namespace.key)
                continue
            }
            sums.keep(owner: namespace.key)
            for place in devices where reading.devices[place].isCounted {
                let first = place * LinkStatistics.width
                sums.add(
                    reading.counters.span.extracting(first..<first + LinkStatistics.width),
                    of: DeviceKey(reading.devices[place], in: namespace.key), to: namespace.key)
            }
        }
        sums.end()
    }

    private static func deviceFamilies(_ reading: DeviceReading) -> [Family] {
        NetdevDeviceMetric.allCases.map { metric in
            var family = Family(metric.metric, reserving: reading.devices.count)
            for namespace in reading.namespaces {
                for place in namespace.devices ?? 0..<0 where reading.devices[place].isListed {
                    family.append(
                        reading.counters[place * LinkStatistics.width + metric.column], for: namespace.entity,
                        labels: [reading.devices[place].name])
                }
            }
            return family
        }
    }
}

extension NetdevDeviceMetric {
    /// The place of the value among the counters of a device, which are in the order of ``NetdevMetric``.
    fileprivate var column: Int {
        switch self {
        case .receiveBytes: 0
        case .receiveErrors: 1
        case .receivePackets: 2
        case .receiveDropped: 3
        case .transmitBytes: 4
        case .transmitErrors: 5
        case .transmitPackets: 6
        case .transmitDropped: 7
        }
    }
}

extension ProbeArgument {
    /// The switch of the probes that can show devices by themselves.
    static func perDevice(help: String) -> ProbeArgument { ProbeArgument("perDevice", .bool, help: help) }
}
