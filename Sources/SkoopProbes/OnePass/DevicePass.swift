// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopIdentity
internal import SkoopModel

/// Reads the devices of namespaces that have only such as it knows, by one run of `netdev.bpf.c`.
struct DevicePass: ~Copyable {
    private var pass: NamespacePass<skoop_netdev_row>

    /// Loads the program and tries it.
    ///
    /// - Parameters:
    ///   - capacity: namespaces there is room for at first.
    ///   - sys: where `/sys` is.
    /// - Throws: `unsupportedKernel` where the kernel does not show the driver's types.
    init(capacity: Int = 1024, sys: String = "/sys") throws(ProbeError) {
        pass = try Self.tried(capacity, sys)
    }

    private static func tried(_ capacity: Int, _ sys: String) throws(ProbeError) -> NamespacePass<skoop_netdev_row> {
        var pass = try NamespacePass<skoop_netdev_row>(
            .init(image: .netdev, program: "read_netdev", readsPerCPU: true), capacity: capacity, sys: sys)
        do { _ = try pass.run() } catch {
            throw ProbeError(
                .unsupportedKernel, "netdev: the kernel shows no types of veth devices; the module may not be loaded")
        }
        return pass
    }

    /// Reads all namespaces but the node's, of which other devices count than of a pod's.
    ///
    /// - Parameter reading: gets the namespaces that could be read, their devices and counters.
    /// - Returns: the places in the inventory of those that could not.
    mutating func read(_ census: Census, into reading: inout DeviceReading) throws(ProbeError) -> [Int] {
        let count = Int(try pass.run().namespaces)
        var rows: [NamespaceID: Int] = [:]
        rows.reserveCapacity(count)
        let words = pass.rows.words
        let stride = MemoryLayout<skoop_netdev_row>.stride / 8
        for row in 0..<count { rows[NamespaceID(rawValue: words[row * stride])] = row }

        let namespaces = census.inventory.namespaces
        reading.namespaces.reserveCapacity(namespaces.count)
        reading.devices.reserveCapacity(namespaces.count)
        reading.counters.reserveCapacity(namespaces.count * LinkStatistics.width)
        var rest: [Int] = []
        for (place, namespace) in namespaces.enumerated() {
            guard let entity = census.entityOfNamespace[namespace.id] else { continue }
            guard namespace.id != census.inventory.nodeNamespace, let row = rows[namespace.id],
                append(words.extracting(row * stride..<(row + 1) * stride), entity, to: &reading)
            else {
                rest.append(place)
                continue
            }
        }
        return rest
    }

    /// Appends a row as it is laid out in `abi/netdev.h`; false where it is not complete.
    private func append(
        _ words: Span<UInt64>, _ entity: EntityTable.Index, to reading: inout DeviceReading
    ) -> Bool {
        let (header, size) = (3, MemoryLayout<skoop_netdev_device>.stride / 8)
        let count = Int(UInt32(truncatingIfNeeded: words[2]))
        guard words[2] >> 32 != 0, header + count * size <= words.count else { return false }
        let first = reading.devices.count
        for start in stride(from: header, to: header + count * size, by: size) {
            reading.devices.append(
                DeviceReading.Device(
                    index: UInt32(truncatingIfNeeded: words[start]),
                    name: Self.name(words[start + 1], words[start + 2]),
                    isCounted: true, isListed: true))
            for column in 0..<LinkStatistics.width { reading.counters.append(words[start + 3 + column]) }
        }
        reading.namespaces.append(
            DeviceReading.Namespace(
                key: NamespaceKey(id: NamespaceID(rawValue: words[0]), cookie: words[1]), entity: entity,
                devices: first..<reading.devices.count))
        return true
    }

    /// The name in two words, up to its zero byte.
    private static func name(_ low: UInt64, _ high: UInt64) -> String {
        let bytes = (0..<15).lazy.map { place in
            UInt8(truncatingIfNeeded: (place < 8 ? low : high) >> UInt64(place % 8 * 8))
        }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
