// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem
import SkoopTesting

/// A small network of namespaces in which real faults are made to happen.
///
/// A client and a server, joined as the topology says, each with an IPv4 and an IPv6 address on a device `eth0`. Labs do
/// not see each other, so that all have the same addresses. Nothing of it is visible by name on the machine, and all
/// of it is gone when the value goes or the process dies. Needs root.
///
/// Tail loss probes are off (`tcp_early_retrans`), because they would be sent without any loss; what needs them turns
/// them on. All other settings are the kernel's own.
///
/// Use it from any thread. What a fault changes is put back when the value that stands for the fault goes.
public struct FaultLab: ~Copyable, Sendable {
    /// How its hosts are joined.
    public let topology: Topology
    /// Where clients are: `10.91.0.1` and `fd91::1`.
    public let client: LabHost
    /// Where servers are: `10.91.0.2` and `fd91::2`, behind a router `10.91.1.2` and `fd91:0:0:1::2`.
    public let server: LabHost
    /// What is between them, with the devices `client0` and `server0` towards them and, as a bridge, `br0`.
    public let middle: LabHost?

    /// Makes the namespaces and the devices, and returns when packets pass.
    public init(_ topology: Topology = .direct) throws {
        let client = try LabHost("client", addresses: topology.clientAddresses)
        let server = try LabHost("server", addresses: topology.serverAddresses)
        let middle = topology == .direct ? nil : try LabHost("router")
        try Self.join(client, server, topology, middle)
        self.topology = topology
        self.client = client
        self.server = server
        self.middle = middle
    }

    private static func join(
        _ client: LabHost, _ server: LabHost, _ topology: Topology, _ middle: LabHost?
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
        switch (topology, middle) {
        case (.direct, _), (_, nil):
            try client.ip("link add eth0 type veth peer name eth0 netns \(server.pid)")
        case (.routed, let router?):
            try router.ip(
                "link add client0 type veth peer name eth0 netns \(client.pid)",
                "link add server0 type veth peer name eth0 netns \(server.pid)",
                "link set client0 up", "link set server0 up",
                "addr add 10.91.0.254/24 dev client0", "addr add fd91::254/64 dev client0 nodad",
                "addr add 10.91.1.254/24 dev server0", "addr add fd91:0:0:1::254/64 dev server0 nodad")
            try router.setting("ipv4/ip_forward", "1")
            try router.setting("ipv6/conf/all/forwarding", "1")
        case (.bridged, let bridge?):
            try bridge.ip(
                "link add br0 type bridge mcast_snooping 0 forward_delay 0",
                "link add client0 type veth peer name eth0 netns \(client.pid)",
                "link add server0 type veth peer name eth0 netns \(server.pid)",
                "link set client0 master br0 up", "link set server0 master br0 up", "link set br0 up")
        }
        for host in [client, server] {
            try host.ip(
                "link set eth0 up", "addr add \(host.address(.v4))/24 dev eth0",
                "addr add \(host.address(.v6))/64 dev eth0 nodad")
        }
        // The kernel notices a carrier in its own time, and drops what is sent before.
        for host in hosts {
            guard try eventually({ try host.allLinksAreUp() }) else {
                throw LabError("no carrier on a device of the \(host.name)")
            }
        }
        if topology == .routed {
            try client.ip("route add default via 10.91.0.254", "route add default via fd91::254")
            try server.ip("route add default via 10.91.1.254", "route add default via fd91:0:0:1::254")
        }
    }
}

extension LabHost {
    /// Runs `ip -batch` in the namespace, a command per line.
    func ip(_ commands: String...) throws {
        try run("ip", "-batch", "-", input: commands.map { $0 + "\n" }.joined())
    }

    fileprivate func allLinksAreUp() throws -> Bool {
        try run("ip", "-o", "-d", "link", "show").split(separator: "\n").allSatisfy {
            ($0.contains("state UP") || $0.contains("LOOPBACK"))
                // A bridge notices later than the device itself.
                && (!$0.contains("bridge_slave") || $0.contains("state forwarding"))
        }
    }
}
