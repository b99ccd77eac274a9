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
/// The one pass reads all namespaces that have only loopback and veth devices, as pods have; netlink, which reads the
/// 64-bit counters of all devices of a namespace in one request, the others. Where namespaces cannot be entered,
/// `/proc/<pid>/net/dev` gives the same counters; see `ProcDeviceReader` for what it does not tell.
public struct NetdevProbe: Probe {
    /// The one pass first, then netlink, then `/proc/<pid>/net/dev`.
    public static let definition = ProbeDefinition(
        NetdevMetric.self, NetdevDeviceMetric.self, sources: [.onePass, .netlink, .procfs],
        arguments: [.perDevice(help: "also export every device by itself, labelled `device`")])

    /// The source in use; netlink once the one pass has differed from it.
    public private(set) var source: SourceChoice
    private var pass: CheckedDevices?
    private let isRequired: Bool
    private let netlink: DeviceReader
    private let files: ProcDeviceReader
    private let isPerDevice: Bool
    private var sums = RetainingSum<NamespaceKey, DeviceKey>(width: LinkStatistics.width)

    /// Chooses the source.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        netlink = DeviceReader.shared(environment)
        files = ProcDeviceReader(host: environment.host)
        isPerDevice = environment.flag("perDevice")
        var pass: CheckedDevices?
        source = try environment.choose(Self.definition.sources) { source throws(ProbeError) in
            guard source != .procfs else { return }
            try DeviceReader.check(LinkStatistics.request)
            if source == .onePass { pass = try CheckedDevices(environment) }
        }
        if source.source == .netlink { netlink.wantStatistics() }
        self.pass = source.source == .onePass ? pass : nil
        isRequired = environment.requiredSource != nil
    }

    /// Reads the devices of every namespace.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let reading = try read(scrape)
        add(reading)
        let readable = reading.namespaces.filter { $0.devices != nil }
        let entities = readable.map(\.entity)
        var values = NetdevMetric.allCases.map { _ in [UInt64](repeating: 0, count: readable.count) }
        for (row, namespace) in readable.enumerated() {
            guard let totals = sums.totals(of: namespace.key) else { continue }
            for (column, total) in totals.enumerated() { values[column][row] = total }
        }
        let families = zip(NetdevMetric.allCases, values).map { Family($0.metric, entities: entities, values: $1) }
        return isPerDevice ? families + Self.deviceFamilies(reading) : families
    }

    private mutating func read(_ scrape: Scrape) throws(ProbeError) -> DeviceReading {
        if source.source == .onePass {
            do throws(ProbeError) {
                if let reading = try pass?.read(scrape) { return reading }
            } catch {
                guard error.reason == .unsupportedKernel, !isRequired else { throw error }
                pass = nil
                source = SourceChoice(.netlink, reason: error.message)
                netlink.wantStatistics()
            }
        }
        return source.source == .netlink ? try netlink.reading(of: scrape) : try files.read(scrape)
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
