// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SkoopProbes

@Suite struct LinkSelectionTests {
    private func link(
        _ index: UInt32, _ name: String, kind: String = "", on lower: UInt32? = nil, in master: UInt32? = nil,
        hardware: Bool = false, elsewhere: Bool = false
    ) -> Link {
        var link = Link(index: index, name: name)
        link.isLoopback = name == "lo"
        link.kind = kind
        link.lower = lower
        link.master = master
        link.hasHardware = hardware
        link.standsOnOtherNamespace = elsewhere
        return link
    }

    private func names(_ links: [Link], isNode: Bool = false, routes: Set<UInt32> = []) -> [String] {
        let counted = LinkSelection.counted(of: links, isNode: isNode) { routes }
        return links.filter { counted.contains($0.index) }.map(\.name)
    }

    @Test func aPodsDeviceCountsAndLoopbackDoesNot() {
        #expect(names([link(1, "lo"), link(2, "eth0", kind: "veth", on: 7, elsewhere: true)]) == ["eth0"])
        #expect(names([link(1, "lo")]) == [])
        #expect(names([]) == [])
    }

    @Test func whatStandsOnOthersIsLeftOut() {
        #expect(
            names([
                link(1, "lo"), link(2, "eth0"), link(3, "eth0.5", kind: "vlan", on: 2),
                link(4, "mac0", kind: "macvlan", on: 2),
                link(5, "ip0", kind: "ipvlan", on: 2), link(6, "vxlan0", kind: "vxlan"), link(7, "ifb0", kind: "ifb"),
            ]) == ["eth0"])
        #expect(
            names([
                link(2, "eth0", in: 4), link(3, "eth1", in: 4), link(4, "bond0", kind: "bond"),
                link(5, "bond0.7", kind: "vlan", on: 4, in: 6), link(6, "br0", kind: "bridge"),
            ]) == ["eth0", "eth1"])
    }

    @Test func aMasterWithoutMembersCounts() {
        #expect(names([link(2, "br0", kind: "bridge"), link(3, "eth0")]) == ["br0", "eth0"])
    }

    @Test func aDeviceWhoseLowerOneIsElsewhereCounts() {
        // A macvlan on the node's eth0 (number 2 there) in a pod with a device of the same number.
        #expect(names([link(1, "lo"), link(2, "eth0", kind: "macvlan", on: 2, elsewhere: true)]) == ["eth0"])
        #expect(names([link(2, "net1", kind: "ipvlan", on: 3, elsewhere: true), link(3, "eth0")]) == ["net1", "eth0"])
    }

    @Test func bothEndsOfAPairInOneNamespaceCount() {
        #expect(names([link(2, "a", kind: "veth", on: 3), link(3, "b", kind: "veth", on: 2)]) == ["a", "b"])
    }

    @Test func aTunnelAloneCounts() {
        #expect(names([link(1, "lo"), link(2, "wg0", kind: "wireguard")]) == ["wg0"])
        #expect(names([link(2, "wg0", kind: "wireguard"), link(3, "eth0")]) == ["eth0"])
        #expect(names([link(2, "vx", kind: "vxlan", elsewhere: true), link(3, "eth0")]) == ["vx", "eth0"])
    }

    @Test func theNodeCountsItsHardware() {
        let links = [
            link(1, "lo"), link(2, "eth0", in: 4, hardware: true), link(3, "eth1", in: 4, hardware: true),
            link(4, "bond0", kind: "bond"), link(5, "cni0", kind: "bridge"),
            link(6, "veth1", kind: "veth", on: 2, in: 5, elsewhere: true), link(8, "tap0", kind: "tun"),
        ]
        #expect(names(links, isNode: true, routes: [4]) == ["eth0", "eth1"])
        #expect(names(links) == ["eth0", "eth1", "veth1", "tap0"])
    }

    @Test func aNodeWithoutHardwareCountsItsDefaultRoutes() {
        let links = [
            link(1, "lo"), link(2, "eth0", kind: "veth", on: 9, elsewhere: true), link(3, "dummy0", kind: "dummy"),
            link(6, "veth1", kind: "veth", on: 2, elsewhere: true),
        ]
        #expect(names(links, isNode: true, routes: [2]) == ["eth0"])
        #expect(names(links, isNode: true, routes: [1, 77]) == ["eth0", "dummy0", "veth1"])
        #expect(names(links, isNode: true) == ["eth0", "dummy0", "veth1"])
    }

    @Test func aMasterWithHardwareIsCountedByItsMembers() {
        let links = [link(2, "eth0", kind: "net_failover", hardware: true), link(3, "ens1", in: 2, hardware: true)]
        #expect(names(links, isNode: true) == ["ens1"])
    }
}
