// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem
internal import Synchronization

/// Reads devices by the one pass, asks netlink where that cannot, and compares the two again and again.
///
/// The pass knows how a driver counts; a kernel may count otherwise one day. So netlink is asked for some namespaces of the
/// first scrape and of every eighth, in turn. What it says must lie between two passes. Once it does not, the pass is not
/// used any more.
///
/// Safe to use from several threads.
final class CheckedDevices: Sendable {
    private struct State: ~Copyable {
        var pass: DevicePass
        var scrapes = 0
        /// Whose turn it is to be compared.
        var turn = 0
    }

    private let state: Mutex<State>
    private let netlink: DeviceReader

    /// How many namespaces are compared, and after how many scrapes again.
    private static let sample = 8
    private static let interval = 8

    init(_ environment: ProbeEnvironment) throws(ProbeError) {
        state = Mutex(State(pass: try DevicePass(sys: environment.host.sys)))
        // A reader of its own, for it goes to a few namespaces only, and whoever walks forgets the doors to all others.
        netlink = DeviceReader(host: environment.host, shortcuts: NamespaceShortcuts())
        netlink.wantStatistics()
    }

    /// Reads all namespaces.
    ///
    /// - Throws: `unsupportedKernel` where pass and netlink differ.
    func read(_ scrape: Scrape) throws(ProbeError) -> DeviceReading {
        try state.withLock { state throws(ProbeError) in
            var reading = DeviceReading()
            let rest = try state.pass.read(scrape.census, into: &reading)
            if state.scrapes % Self.interval == 0 { try check(reading, scrape, &state) }
            state.scrapes += 1
            if !rest.isEmpty { reading.append(try netlink.walk(scrape, rest)) }
            return reading
        }
    }

    private func check(_ before: DeviceReading, _ scrape: Scrape, _ state: inout State) throws(ProbeError) {
        let count = before.namespaces.count
        guard count > 0 else { return }
        let size = min(Self.sample, count)
        let sample = (0..<size).map { before.namespaces[(state.turn + $0) % count].key.id }
        let namespaces = scrape.census.inventory.namespaces
        let shown = try netlink.walk(scrape, namespaces.indices.filter { sample.contains(namespaces[$0].id) })
        var after = DeviceReading()
        _ = try state.pass.read(scrape.census, into: &after)
        if let difference = shown.difference(before: before, after: after) {
            throw ProbeError(.unsupportedKernel, "the one pass and netlink differ in \(difference)")
        }
        state.turn = (state.turn + size) % count
    }
}

extension DeviceReading {
    /// Which counter of a device is not between those of an earlier and a later reading; what is not in all is passed over.
    fileprivate func difference(before: DeviceReading, after: DeviceReading) -> String? {
        for namespace in namespaces {
            for place in namespace.devices ?? 0..<0 {
                let device = devices[place]
                guard let low = before.place(of: device, in: namespace.key),
                    let high = after.place(of: device, in: namespace.key)
                else { continue }
                for (column, metric) in NetdevMetric.allCases.enumerated() {
                    let (width, value) = (LinkStatistics.width, counters[place * LinkStatistics.width + column])
                    let (least, most) = (before.counters[low * width + column], after.counters[high * width + column])
                    if value < least || value > most {
                        return "\(metric.rawValue) of \(device.name): \(least) to \(most), \(value)"
                    }
                }
            }
        }
        return nil
    }

    private func place(of device: Device, in key: NamespaceKey) -> Int? {
        namespaces.first { $0.key == key }?.devices?.first { devices[$0].index == device.index }
    }
}
