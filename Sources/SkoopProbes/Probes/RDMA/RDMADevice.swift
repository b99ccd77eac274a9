// SPDX-License-Identifier: Apache-2.0

/// An RDMA device with its resources and the counters of its ports.
struct RDMADevice: Sendable, Hashable {
    /// A counter of a port.
    struct Counter: Sendable, Hashable {
        var port: UInt32
        var name: String
        var value: UInt64
    }

    /// `RDMA_NLDEV_ATTR_DEV_INDEX`.
    var index: UInt32
    /// For example `mlx5_0`; udev may have renamed it to something like `rocep3s0`.
    var name: String
    /// Ports are numbered from 1.
    var portCount: UInt32
    /// The driver as `/sys` names it, for example `mlx5_core`; empty where no bus device is behind it.
    var driver = ""
    /// How many resources of each kind are in use, by the kernel's name of the kind.
    var resources: [String: UInt64] = [:]
    /// The counters of all ports in the order found; no name occurs twice for a port.
    var counters: [Counter] = []

    /// The value of the label `type` as KubeSkoop has it: what precedes the name's first underscore when it is a driver it
    /// knows. A renamed device, which KubeSkoop calls unknown, is known by its driver.
    var type: String {
        let known = ["mlx5", "erdma"]
        let prefix = name.prefix { $0 != "_" }
        if let type = known.first(where: { $0 == prefix }) { return type }
        return known.first { driver == $0 || driver == $0 + "_core" } ?? "unknown"
    }

    /// The kind of device: its driver, or the letters its name begins with.
    var kind: String {
        if type != "unknown" { return type }
        return driver.isEmpty ? String(name.prefix { !$0.isNumber && $0 != "_" }) : driver
    }

    /// Adds a counter unless the port has one of that name.
    mutating func add(_ name: String, _ value: UInt64, port: UInt32) {
        // A refresh interval in milliseconds that stands among the counters.
        guard name != "lifespan", !counters.contains(where: { $0.port == port && $0.name == name }) else { return }
        counters.append(Counter(port: port, name: name, value: value))
    }
}
