// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem
import SkoopTesting

/// A small network of namespaces in which real faults are made to happen.
///
/// A client and a server, joined as the topology says, each with an IPv4 and an IPv6 address on a device `eth0`. Labs do
/// not see each other, so that all have the same addresses unless they are told to have others. Nothing of it is visible by name on the machine, and all
/// of it is gone when the value goes or the process dies. Needs root.
///
/// Tail loss probes are off (`tcp_early_retrans`), because they would be sent without any loss; what needs them turns
/// them on. All other settings are the kernel's own.
///
/// Use it from any thread. What a fault changes is put back when the value that stands for the fault goes.
public struct FaultLab: ~Copyable, Sendable {
    /// How its hosts are joined.
    public let topology: Topology
    /// Where its addresses come from.
    public let subnet: Subnet
    /// Where clients are: `10.91.0.1` and `fd91::1`.
    public let client: LabHost
    /// Where servers are: `10.91.0.2` and `fd91::2`, behind a router `10.91.1.2` and `fd91:0:0:1::2`.
    public let server: LabHost
    /// What is between them, with the devices `client0` and `server0` towards them and, as a bridge, `br0`.
    public let middle: LabHost?

    /// Makes the namespaces and the devices, and returns when packets pass.
    public init(_ topology: Topology = .direct, _ subnet: Subnet = Subnet()) throws {
        let client = try LabHost("client", addresses: topology.clientAddresses(subnet))
        let server = try LabHost("server", addresses: topology.serverAddresses(subnet))
        let middle = topology == .direct ? nil : try LabHost("router")
        try Self.join(client, server, topology, middle, subnet)
        self.topology = topology
        self.subnet = subnet
        self.client = client
        self.server = server
        self.middle = middle
    }

    private static func join(
        _ client: LabHost, _ server: LabHost, _ topology: Topology, _ middle: LabHost?, _ subnet: Subnet
    ) throws {
        let hosts = [client, server] + [middle].compactMap(\.self)
        for host in hosts {
            // A probe for a lost tail is sent after twice the round trip, which takes microseconds here: whenever the
            // machine is busy, and nothing was lost.
            try host.setting("ipv4/tcp_early_retrans", "0")
            // Nobody advertises routes here, and nobody has an address twice.
            for name in ["default", "all"] {
                try host.setting("ipv6/conf/\(name)/accept_dad", "0")
                try host.setting("ipv6/conf/\(name)/accept_ra", "0")
                try host.setting("ipv6/conf/\(name)/router_solicitations", "0")
            }
        }
        if let middle {
            for (device, host) in [("client0", client), ("server0", server)] {
                try middle.route.addPair(device, peer: "eth0", in: host)
            }
            if topology == .bridged {
                try middle.route.addBridge("br0")
                for device in ["client0", "server0"] { try middle.route.setMaster(device, "br0") }
                try middle.route.setUp("br0")
            }
            for device in ["client0", "server0"] { try middle.route.setUp(device) }
        } else {
            try client.route.addPair("eth0", peer: "eth0", in: server)
        }
        for host in [client, server] { try host.route.setUp("eth0") }
        // The kernel notices a carrier in its own time, and drops what is sent before.
        for host in hosts {
            guard try eventually({ try host.allLinksAreUp() }) else {
                throw LabError("no carrier on a device of the \(host.name)")
            }
        }
        if topology == .bridged, let middle {
            for device in ["client0", "server0"] { try middle.route.setForwarding(device) }
        }
        try assign(client, server, topology == .routed ? middle : nil, subnet)
    }

    /// Gives out the addresses, and the routes where there is a router.
    private static func assign(
        _ client: LabHost, _ server: LabHost, _ router: LabHost?, _ subnet: Subnet
    ) throws {
        for family in IPFamily.allCases {
            let prefix: UInt8 = family == .v4 ? 24 : 64
            for (network, host) in [client, server].enumerated() {
                try host.route.addAddress(host.endpoint(family, port: 0), prefix: prefix, to: "eth0")
                guard let router else { continue }
                let gateway = Endpoint(family, subnet.routerAddress(family, network: network), port: 0)
                try router.route.addAddress(gateway, prefix: prefix, to: network == 0 ? "client0" : "server0")
                try host.route.addDefaultRoute(via: gateway)
            }
        }
        for host in [client, server] + [router].compactMap(\.self) {
            guard try eventually({ try host.hearsSolicitations() }) else {
                throw LabError("no IPv6 on a device of the \(host.name)")
            }
        }
        try router?.setting("ipv4/ip_forward", "1")
        try router?.setting("ipv6/conf/all/forwarding", "1")
    }
}
