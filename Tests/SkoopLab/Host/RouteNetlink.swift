// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SkoopSystem

/// Makes and changes the devices, addresses and routes of a host, without a program (`rtnetlink(7)`).
struct RouteNetlink: Sendable {
    let host: LabHost

    private enum Message: UInt16 {
        case newLink = 16
        case setLink = 19
        case newAddress = 20
        case newRoute = 24
    }

    /// A device of a kind, `veth` or `bridge`, with that kind's own attributes.
    private func addLink(_ name: String, kind: String, _ data: (inout NetlinkWriter) -> Void) throws {
        try perform(.newLink, creating: true, name) { message in
            message.append(Self.link())
            // IFLA_IFNAME; in IFLA_LINKINFO, IFLA_INFO_KIND and IFLA_INFO_DATA.
            message.append(3, name)
            message.nest(18) { information in
                information.append(1, kind)
                information.nest(2, data)
            }
        }
    }

    /// A veth pair, its other end in another host.
    func addPair(_ name: String, peer: String, in other: LabHost) throws {
        try addLink(name, kind: "veth") { data in
            // VETH_INFO_PEER: a device with IFLA_IFNAME and IFLA_NET_NS_PID.
            data.nest(1) { device in
                device.append(Self.link())
                device.append(3, peer)
                device.append(19, UInt32(other.pid).native)
            }
        }
    }

    /// A bridge that forwards everything at once.
    func addBridge(_ name: String) throws {
        try addLink(name, kind: "bridge") { data in
            // IFLA_BR_FORWARD_DELAY, IFLA_BR_MCAST_SNOOPING.
            data.append(1, UInt32(0).native)
            data.append(23, [0])
        }
    }

    /// Makes a device a port of a bridge.
    func setMaster(_ name: String, _ bridge: String) throws {
        let (index, bridge) = try (self.index(name), self.index(bridge))
        try perform(.setLink, name) { message in
            message.append(Self.link(index: index))
            // IFLA_MASTER.
            message.append(10, bridge.native)
        }
    }

    /// Lets a port of a bridge forward; the kernel refuses as long as it knows of no carrier.
    func setForwarding(_ name: String) throws {
        let index = try index(name)
        try perform(.setLink, name) { message in
            message.append(Self.link(family: UInt8(AF_BRIDGE), index: index))
            // IFLA_PROTINFO: IFLA_BRPORT_STATE is BR_STATE_FORWARDING.
            message.nest(0x8000 | 12) { $0.append(1, [3]) }
        }
    }

    /// Turns a device on.
    func setUp(_ name: String) throws {
        let index = try index(name)
        try perform(.setLink, name) { $0.append(Self.link(index: index, flags: UInt32(IFF_UP))) }
    }

    /// Adds an address, which is used at once.
    func addAddress(_ address: Endpoint, prefix: UInt8, to name: String) throws {
        let index = try index(name)
        try perform(.newAddress, creating: true, "\(address.address) to \(name)") { message in
            message.append([UInt8(address.family.number), prefix, 0, 0] + index.native)
            // IFA_LOCAL and IFA_ADDRESS; IFA_FLAGS is IFA_F_NODAD.
            message.append(2, address.bytes)
            message.append(1, address.bytes)
            message.append(8, UInt32(2).native)
        }
    }

    /// Adds the default route.
    func addDefaultRoute(via gateway: Endpoint) throws {
        try perform(.newRoute, creating: true, "via \(gateway.address)") { message in
            // The main table, by an administrator, to anywhere, unicast.
            message.append([UInt8(gateway.family.number), 0, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0])
            // RTA_GATEWAY.
            message.append(5, gateway.bytes)
        }
    }

    /// `struct ifinfomsg`.
    private static func link(family: UInt8 = 0, index: UInt32 = 0, flags: UInt32 = 0) -> [UInt8] {
        [family, 0, 0, 0] + index.native + flags.native + flags.native
    }

    private func index(_ name: String) throws -> UInt32 {
        let index = try host.inside { if_nametoindex(name) }
        guard index != 0 else { throw LabError("the \(host.name) has no device \(name)") }
        return index
    }

    private func perform(
        _ type: Message, creating: Bool = false, _ subject: String, _ fill: (inout NetlinkWriter) -> Void
    ) throws {
        // NLM_F_ACK, NLM_F_EXCL, NLM_F_CREATE.
        var message = NetlinkWriter(type: type.rawValue, flags: creating ? 0x604 : 4)
        fill(&message)
        let descriptor = try host.inside { () throws(SystemError) in
            try FileDescriptor(socket: AF_NETLINK, CInt(SOCK_RAW.rawValue), protocol: 0, subject: "route").release()
        }
        let socket = LabSocket(owning: descriptor)
        try message.send(by: socket)
        var answer = [UInt8](repeating: 0, count: 4096)
        guard recv(socket.rawValue, &answer, answer.count, 0) >= 20 else {
            throw SystemError(lastOf: "recv", "netlink")
        }
        let error = answer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 16, as: CInt.self) }
        guard error == 0 else { throw SystemError("\(type)", "\(subject) on the \(host.name)", errno: -error) }
    }
}

extension LabHost {
    /// The host's devices, addresses and routes.
    var route: RouteNetlink { RouteNetlink(host: self) }

    /// Whether all devices are on and have a carrier.
    func allLinksAreUp() throws -> Bool {
        try inside {
            var list: UnsafeMutablePointer<ifaddrs>?
            guard getifaddrs(&list) == 0 else { return false }
            defer { freeifaddrs(list) }
            let wanted = UInt32(IFF_UP | IFF_RUNNING)
            var next = list
            while let item = next {
                guard item.pointee.ifa_flags & wanted == wanted else { return false }
                next = item.pointee.ifa_next
            }
            return true
        }
    }

    /// Whether each IPv6 address has joined the group in which neighbours ask for it, a moment after it was added.
    func hearsSolicitations() throws -> Bool {
        let addresses = try lines(of: "if_inet6").filter { $0.count > 5 && $0[5] != "lo" }
        let groups = Set(try lines(of: "igmp6").filter { $0.count > 2 }.map { [$0[1], $0[2]] })
        return !addresses.isEmpty
            && addresses.allSatisfy { groups.contains([$0[5], "ff0200000000000000000001ff" + $0[0].suffix(6)]) }
    }

    private func lines(of file: String) throws -> [[Substring]] {
        try String(contentsOfFile: "/proc/\(pid)/net/\(file)", encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: " ") }
    }

    /// Runs `ip -batch` in the namespace, a command per line.
    func ip(_ commands: String...) throws {
        try run("ip", "-batch", "-", input: commands.map { $0 + "\n" }.joined())
    }
}
