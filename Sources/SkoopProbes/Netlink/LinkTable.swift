// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// What is remembered of a namespace's devices between scrapes: names and which of them count.
///
/// Asking for them costs several times what their counters cost. They are asked for again when the set of interface
/// numbers has changed, and every ``maximumAge`` scrapes, which bounds for how long a renamed device, or one that became a
/// port of a bridge, is taken for what it was.
struct LinkTable: Sendable {
    /// How many scrapes a table serves at most.
    static let maximumAge: UInt64 = 8

    let key: NamespaceKey
    private var links: [UInt32: DeviceReading.Device] = [:]
    /// All devices, in the order of their numbers.
    let devices: [DeviceReading.Device]
    /// The scrape in which it was made.
    let scrape: UInt64

    /// Makes a table of what the kernel said.
    init(
        key: NamespaceKey, links: [Link], isNode: Bool, scrape: UInt64, defaultRoutes: () -> Set<UInt32>
    ) {
        self.key = key
        self.scrape = scrape
        let counted = LinkSelection.counted(of: links, isNode: isNode, defaultRoutes: defaultRoutes)
        for link in links where !link.isLoopback {
            let isListed = counted.contains(link.index) || !isNode || !link.standsOnOtherNamespace
            self.links[link.index] = DeviceReading.Device(
                index: link.index, name: link.name, isCounted: counted.contains(link.index), isListed: isListed)
        }
        for link in links where link.isLoopback {
            self.links[link.index] = DeviceReading.Device(
                index: link.index, name: link.name, isCounted: false, isListed: false)
        }
        devices = self.links.values.sorted { $0.index < $1.index }
    }

    /// Whether the table serves for the devices that are there now.
    ///
    /// - Parameter offset: spreads the namespaces over the scrapes, so that not all become too old at once.
    func serves(_ key: NamespaceKey, devices: [UInt32], scrape: UInt64, offset: UInt64) -> Bool {
        devices.count == links.count && devices.allSatisfy { links[$0] != nil }
            && isCurrent(key, scrape: scrape, offset: offset)
    }

    /// Whether the table is of that namespace and not too old.
    func isCurrent(_ key: NamespaceKey, scrape: UInt64, offset: UInt64) -> Bool {
        guard key == self.key else { return false }
        let turn = (scrape &+ offset) % Self.maximumAge == 0 && scrape != self.scrape
        return !turn && scrape &- self.scrape < Self.maximumAge
    }

    /// The device of an interface number.
    subscript(index: UInt32) -> DeviceReading.Device? { links[index] }
}
