// SPDX-License-Identifier: Apache-2.0

/// Which devices of a namespace make up its sum, so that a packet is counted once in each direction.
///
/// A packet that goes through a VLAN on a bond passes three devices, and each counts it. So a device is left out when it
/// stands on others of the same namespace: bridges, bonds and teams that have members, VLANs, macvlans and ipvlans, tunnels
/// whose packets leave by another device, and `ifb`, which sees again what another device received. The loopback device
/// is left out always. A packet that a namespace forwards is received once and sent once.
///
/// On the node that is not enough: the other ends of all pods' devices are here, and their packets are counted in the pods'
/// namespaces already. There only devices with hardware behind them count; where none has (a node that is a container
/// itself), those of the default routes; failing these, whatever does not stand on others.
enum LinkSelection {
    /// The interface numbers of the devices that count.
    ///
    /// - Parameters:
    ///   - links: all devices of the namespace.
    ///   - isNode: whether it is the node's own.
    ///   - defaultRoutes: the devices of the default routes; asked for on a node without hardware.
    static func counted(of links: [Link], isNode: Bool, defaultRoutes: () -> Set<UInt32> = { [] }) -> Set<UInt32> {
        let present = Set(links.map(\.index))
        let masters = Set(links.compactMap(\.master))
        let candidates = links.filter { link in
            guard !link.isLoopback, !masters.contains(link.index), !observers.contains(link.kind) else { return false }
            guard !pairs.contains(link.kind), !link.standsOnOtherNamespace, let lower = link.lower else { return true }
            return !present.contains(lower)
        }
        let plain = candidates.filter { !tunnels.contains($0.kind) || $0.standsOnOtherNamespace }
        // A tunnel alone in its namespace has its outer packets elsewhere.
        let unstacked = Set((plain.isEmpty ? candidates : plain).map(\.index))
        guard isNode else { return unstacked }
        let hardware = links.filter { $0.hasHardware && unstacked.contains($0.index) }
        guard hardware.isEmpty else { return Set(hardware.map(\.index)) }
        let routed = defaultRoutes().filter { index in links.contains { $0.index == index && !$0.isLoopback } }
        return routed.isEmpty ? unstacked : routed
    }

    /// Kinds whose `IFLA_LINK` names the other end, not what is below.
    private static let pairs: Set = ["veth", "netkit", "vxcan"]
    /// Kinds that see packets of other devices once more.
    private static let observers: Set = ["ifb", "nlmon", "vsockmon"]
    /// Kinds whose packets leave the namespace inside packets of another device.
    private static let tunnels: Set = [
        "vxlan", "geneve", "gre", "gretap", "erspan", "ip6gre", "ip6gretap", "ip6erspan", "ipip", "ip6tnl", "sit",
        "vti",
        "vti6", "xfrm", "wireguard", "bareudp", "gtp", "amt",
    ]
}
