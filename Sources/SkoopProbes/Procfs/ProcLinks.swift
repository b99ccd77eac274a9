// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopSystem

/// What the file systems tell of how the devices of a namespace stand on each other. Their places stand for the interface
/// numbers, which `net/dev` does not show.
struct ProcLinks {
    private(set) var links: [Link]
    private let places: [String: UInt32]

    /// Reads the relations.
    ///
    /// - Parameters:
    ///   - names: the devices.
    ///   - directory: the process directory whose `net` shows the namespace.
    ///   - sysOfNode: where `/sys` of the node's own namespace is, when it is this one.
    init(
        _ names: [String], _ directory: borrowing FileDescriptor, _ buffer: inout FileBuffer, sysOfNode: String?
    ) {
        links = names.enumerated().map { Link(index: UInt32($0), name: $1) }
        places = Dictionary(links.map { ($0.name, $0.index) }, uniquingKeysWith: { first, _ in first })
        for place in links.indices where links[place].name == "lo" { links[place].isLoopback = true }
        readVLANs(directory, &buffer)
        readBonds(directory, &buffer)
        if let sys = sysOfNode { readSys(sys, &buffer) }
    }

    /// `net/8021q/vlanproc.c`: lines such as `eth0.5 | 5 | eth0` behind two of headings.
    private mutating func readVLANs(_ directory: borrowing FileDescriptor, _ buffer: inout FileBuffer) {
        guard (try? buffer.read("net/vlan/config", in: directory)) != nil else { return }
        var scanner = ByteScanner(buffer.bytes)
        while let line = scanner.line() {
            var fields = ByteScanner(line)
            guard let vlan = place(fields.token()) else { continue }
            fields.skipTokens(3)
            links[Int(vlan)].lower = place(fields.token())
        }
    }

    /// `drivers/net/bonding/bond_procfs.c`: a file for each bond with a line for each member.
    private mutating func readBonds(_ directory: borrowing FileDescriptor, _ buffer: inout FileBuffer) {
        guard faccessat(directory.rawValue, "net/bonding", F_OK, 0) == 0 else { return }
        for bond in links.indices {
            guard (try? buffer.read("net/bonding/\(links[bond].name)", in: directory)) != nil else { continue }
            var scanner = ByteScanner(buffer.bytes)
            while let line = scanner.line() {
                var fields = ByteScanner(line)
                guard fields.skip("Slave Interface: "), let member = place(fields.token()) else { continue }
                links[Int(member)].master = UInt32(bond)
            }
        }
    }

    /// `net/core/net-sysfs.c`: `device` where there is hardware, `master/ifindex`, and `iflink`, which differs from
    /// `ifindex` for what stands on or is paired with another device.
    private mutating func readSys(_ sys: String, _ buffer: inout FileBuffer) {
        var placeOfIndex: [UInt64: UInt32] = [:]
        for link in links {
            if let index = Self.number("\(sys)/class/net/\(link.name)/ifindex", &buffer) {
                placeOfIndex[index] = link.index
            }
        }
        for place in links.indices {
            let path = "\(sys)/class/net/\(links[place].name)"
            links[place].hasHardware = access(path + "/device", F_OK) == 0
            let master = Self.number(path + "/master/ifindex", &buffer)
            links[place].master = master.flatMap { placeOfIndex[$0] } ?? links[place].master
            let (index, lower) = (Self.number(path + "/ifindex", &buffer), Self.number(path + "/iflink", &buffer))
            guard let index, let lower, lower != 0, lower != index else { continue }
            // `lower_<name>` is there for what is stacked, not for the ends of a pair.
            let below = placeOfIndex[lower].map { links[Int($0)].name }
            if let below, access("\(path)/lower_\(below)", F_OK) == 0 {
                links[place].lower = placeOfIndex[lower]
            } else {
                links[place].standsOnOtherNamespace = true
            }
        }
    }

    /// The devices of the default routes: `net/route` (`net/ipv4/fib_trie.c`) and `net/ipv6_route` (`net/ipv6/route.c`).
    func defaultRoutes(_ directory: borrowing FileDescriptor, _ buffer: inout FileBuffer) -> Set<UInt32> {
        var devices: Set<UInt32> = []
        let isReject: UInt64 = 0x200
        if (try? buffer.read("net/route", in: directory)) != nil {
            var scanner = ByteScanner(buffer.bytes)
            while let line = scanner.line() {
                var fields = ByteScanner(line)
                let device = place(fields.token())
                guard let device, fields.hexadecimal() == 0 else { continue }
                fields.skipTokens(1)
                guard let flags = fields.hexadecimal(), flags & isReject == 0 else { continue }
                fields.skipTokens(3)
                if fields.hexadecimal() == 0 { devices.insert(device) }
            }
        }
        if (try? buffer.read("net/ipv6_route", in: directory)) != nil {
            var scanner = ByteScanner(buffer.bytes)
            while let line = scanner.line() {
                var fields = ByteScanner(line)
                fields.skipTokens(1)
                guard fields.hexadecimal() == 0 else { continue }
                fields.skipTokens(6)
                guard let flags = fields.hexadecimal(), flags & isReject == 0 else { continue }
                if let device = place(fields.token()) { devices.insert(device) }
            }
        }
        return devices
    }

    private func place(_ name: Span<UInt8>?) -> UInt32? {
        guard let name else { return nil }
        return places[name.text]
    }

    private static func number(_ path: String, _ buffer: inout FileBuffer) -> UInt64? {
        guard (try? buffer.read(path)) != nil else { return nil }
        var scanner = ByteScanner(buffer.bytes)
        return scanner.decimal()
    }
}
