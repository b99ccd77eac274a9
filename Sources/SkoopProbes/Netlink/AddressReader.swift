// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem

/// Finds the addresses of all namespaces and follows them as they change.
///
/// Netlink is asked in namespaces that are new, or whose addresses have changed as the one pass says; without the pass, in
/// all of them every ten seconds. A value is owned by one thread.
struct AddressReader: ~Copyable, Sendable {
    private struct Known {
        var generation: AddressPass.Generation?
        var addresses: Set<IPAddress> = []
    }

    private let walker: NamespaceWalker
    private var pass: AddressPass?
    private var requests = AddressRequest()
    private var known: [NamespaceID: Known] = [:]
    private var lastLook: UInt64 = 0
    private var nextRound: UInt64 = 0
    private(set) var table = AddressTable()

    /// How often all namespaces are asked where the pass cannot be used.
    private static let interval: UInt64 = 10_000_000_000
    /// How long owners of the past are of use: events are some seconds on their way.
    private static let memory: UInt64 = 10_000_000_000

    /// Makes a reader that knows nothing yet.
    init(_ host: ProbeEnvironment.HostPaths, usesPass: Bool = true) {
        walker = NamespaceWalker(procRoot: host.proc)
        // Without it everything is found all the same, only later; nobody need know why.
        pass = usesPass ? try? AddressPass(sys: host.sys) : nil
    }

    /// How far the changes of each namespace have come, to be asked for before `look`; nil where the pass cannot be used.
    mutating func generations() -> [NamespaceID: AddressPass.Generation]? { try? pass?.read() }

    /// Looks at the namespaces.
    ///
    /// - Parameters:
    ///   - namespaces: all that there are.
    ///   - generations: what ``generations()`` has said before they were listed.
    ///   - node: the node's.
    ///   - now: nanoseconds of `CLOCK_MONOTONIC`.
    mutating func look(
        at namespaces: [NetworkNamespace], _ generations: [NamespaceID: AddressPass.Generation]?, node: NamespaceID,
        now: UInt64
    ) -> AddressTable {
        let isRound = generations == nil && now >= nextRound
        if isRound { nextRound = now + Self.interval }
        var doors: [NamespaceDoor] = []
        for namespace in namespaces {
            guard let known = known[namespace.id] else {
                doors.append(NamespaceDoor(namespace))
                continue
            }
            let generation = generations?[namespace.id]
            if generations == nil ? isRound : generation == nil || generation != known.generation {
                doors.append(NamespaceDoor(namespace))
            }
        }
        forget(allBut: namespaces, now)
        if !doors.isEmpty { read(doors, node, generations ?? [:], now) }
        table.forget(before: now - min(now, Self.memory))
        lastLook = now
        return table
    }

    private mutating func forget(allBut namespaces: [NetworkNamespace], _ now: UInt64) {
        guard namespaces.count(where: { known[$0.id] != nil }) < known.count else { return }
        let present = Set(namespaces.lazy.map(\.id))
        for (id, gone) in known where !present.contains(id) {
            for address in gone.addresses { table.end(address, in: id, at: now) }
            known[id] = nil
        }
    }

    private mutating func read(
        _ doors: [NamespaceDoor], _ node: NamespaceID, _ generations: [NamespaceID: AddressPass.Generation],
        _ now: UInt64
    ) {
        var found: [(id: NamespaceID, addresses: Set<IPAddress>)] = []
        var requests = requests
        _ = try? walker.walk(doors, opening: .route) { place, socket in
            let id = NamespaceID(rawValue: doors[place].inode)
            // The addresses of an IPVS proxy's services are on a device of the node, but are not the node.
            let services = id == node ? if_nametoindex("kube-ipvs0") : 0
            guard let addresses = try? requests.read(&socket, without: services) else { return }
            found.append((id, addresses))
        }
        self.requests = requests
        for (id, addresses) in found { replace(id, addresses, generations[id], now) }
        // Those that could not be entered are tried again when they change, or have come to have a process.
        for door in doors {
            let id = NamespaceID(rawValue: door.inode)
            if door.pid != nil || known[id] != nil { known[id, default: Known()].generation = generations[id] }
        }
    }

    private mutating func replace(
        _ id: NamespaceID, _ addresses: Set<IPAddress>, _ generation: AddressPass.Generation?, _ now: UInt64
    ) {
        var before = known[id]?.addresses ?? []
        if let old = known[id]?.generation, let generation, old.cookie != generation.cookie {
            // Another namespace, to which the kernel gave the number of one that is gone.
            for address in before { table.end(address, in: id, at: now) }
            before = []
        }
        for address in before.subtracting(addresses) { table.end(address, in: id, at: now) }
        for address in addresses.subtracting(before) {
            table.begin(address, in: id, cookie: generation?.cookie ?? 0, after: lastLook)
        }
        known[id] = Known(generation: generation, addresses: addresses)
    }
}

/// The request for the addresses of a namespace and how its replies are read.
///
/// Source: `inet_dump_ifaddr` in `net/ipv4/devinet.c`, `inet6_dump_ifaddr` in `net/ipv6/addrconf.c`.
struct AddressRequest: Sendable {
    /// `RTM_GETADDR`, of all families (`struct ifaddrmsg`).
    private var request: NetlinkRequest = {
        var request = NetlinkRequest("RTM_GETADDR", type: 22, isDump: true)
        request.append(UInt64(0))
        return request
    }()
    private var buffer = [UInt8](repeating: 0, count: 32 << 10)
    /// How many addresses of one namespace are kept.
    private static let most = 512

    /// Asks for the addresses of the socket's namespace.
    ///
    /// - Parameter device: the number of a device whose addresses do not count; 0 for none.
    mutating func read(
        _ transport: inout some NetlinkTransport & ~Copyable, without device: UInt32 = 0
    ) throws(SystemError) -> Set<IPAddress> {
        var addresses: Set<IPAddress> = []
        try transport.perform(&request, buffer: &buffer, restart: { addresses = [] }) { message in
            guard let (address, index) = Self.address(in: message), device == 0 || index != device,
                addresses.count < Self.most
            else { return }
            addresses.insert(address)
        }
        return addresses
    }

    /// The address in an `RTM_NEWADDR` (20) and its device; nil for those that say nothing of whose they are.
    static func address(in message: borrowing NetlinkMessage) -> (address: IPAddress, device: UInt32)? {
        guard message.type == 20, let family = message.payload.integer(as: UInt8.self),
            let index = message.payload.integer(at: 4, as: UInt32.self), var attributes = message.attributes(after: 8)
        else { return nil }
        let size = Int32(family) == AF_INET ? 4 : Int32(family) == AF_INET6 ? 16 : 0
        var bytes: [UInt8]?
        while let attribute = attributes.next() {
            // IFA_ADDRESS and IFA_LOCAL; where both ends of a link have addresses, the former is the other end's.
            guard attribute.type == 2 || attribute.type == 1 && bytes == nil, attribute.payload.count == size else {
                continue
            }
            bytes = (0..<size).map { attribute.payload[$0] }
        }
        guard let address = bytes.flatMap({ IPAddress(bytes: $0) })?.unmapped, !address.isLoopback, !address.isLinkLocal
        else {
            return nil
        }
        return (address, index)
    }
}
