// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Whose addresses there are in a cluster, and whose they were a moment ago, as far as its API server says.
///
/// A pod has its addresses from the moment the kubelet began with it until the server says that it is gone or finished;
/// one on the host's network has none of its own. Times are nanoseconds of `CLOCK_MONOTONIC`. Where two objects of one kind
/// claim an address at one moment nobody has it: which of the two it was cannot be told.
public struct ClusterTable: Sendable {
    /// By what an object has an address, the surest first.
    enum Claim: UInt8, Sendable, Comparable {
        case pod, node, service
        /// Where a service is reached from elsewhere: often an address of a node, or of nobody in the cluster.
        case entrance
        /// What is behind a service, where it is neither a pod's nor a node's.
        case endpoint

        static func < (one: Claim, other: Claim) -> Bool { one.rawValue < other.rawValue }
    }

    private struct Tenure {
        var peer: Peer
        var record: UInt32
        var claim: Claim
        /// The largest number for ``end`` is: still.
        var begin: UInt64
        var end = UInt64.max

        func isCounted(at moment: UInt64?) -> Bool { moment.map { begin <= $0 && $0 <= end } ?? (end == .max) }
    }

    private struct Key: Hashable {
        var resource: ClusterResource
        var namespace: String
        var name: String
    }

    private struct Record {
        /// Tells the records apart whose tenures are at one address.
        var number: UInt32
        /// The list in which it was last.
        var list: UInt32
        /// When something was last said of it.
        var seen: UInt64
        var addresses: [IPAddress]
    }

    /// How long is remembered whose an address was.
    static let memory: UInt64 = 60_000_000_000
    /// How many past owners of addresses are remembered at most.
    static let longestPast = 16_384

    private var tenures: [IPAddress: [Tenure]] = [:]
    private var records: [Key: Record] = [:]
    private var counts: [ClusterResource: Int] = [:]
    private var lists: [ClusterResource: UInt32] = [:]
    private var lastNumber: UInt32 = 0
    /// The addresses of past owners in the order of their ends; what is before ``firstPast`` is forgotten.
    private var past: [(end: UInt64, address: IPAddress)] = []
    private var firstPast = 0
    private var names: Set<String> = []

    /// Makes an empty table.
    public init() {}

    /// How many objects of a resource there are.
    public func count(of resource: ClusterResource) -> Int { counts[resource] ?? 0 }

    /// How many addresses have an owner, or had one lately.
    public var addresses: Int { tenures.count }

    /// Whose an address is.
    ///
    /// - Parameters:
    ///   - address: the address.
    ///   - moment: when, in nanoseconds of `CLOCK_MONOTONIC`; now by default.
    /// - Returns: the pod, else the node, else the service with that address, else the service behind which it is;
    ///   unknown where there is none, or several of the first of these kinds.
    public func peer(of address: IPAddress, at moment: UInt64? = nil) -> Peer {
        var found: (peer: Peer, claim: Claim)?
        var isUnique = true
        for tenure in tenures[address.unmapped] ?? [] where tenure.isCounted(at: moment) {
            if let found, found.claim < tenure.claim { continue }
            isUnique = found.map { $0.claim > tenure.claim || isUnique && $0.peer == tenure.peer } ?? true
            found = (tenure.peer, tenure.claim)
        }
        return isUnique ? found?.peer ?? .unknown : .unknown
    }

    /// The services behind which an address is now, by name.
    public func services(behind address: IPAddress) -> [Peer] {
        let found = (tenures[address.unmapped] ?? []).filter { $0.claim == .endpoint && $0.end == .max }.map(\.peer)
        return Set(found).sorted { ($0.namespace, $0.pod) < ($1.namespace, $1.pod) }
    }

    /// Takes what the server says of an object.
    ///
    /// - Parameters:
    ///   - now: the moment, in nanoseconds of `CLOCK_MONOTONIC`.
    ///   - wall: the same moment, in nanoseconds since 1970.
    mutating func update(_ object: ClusterObject, of resource: ClusterResource, at now: UInt64, wall: UInt64) {
        forget(at: now)
        let key = Key(resource: resource, namespace: interned(object.namespace), name: object.name)
        var record: Record
        // A new object has had what it has since it began; one that is known has had it since somebody last looked.
        let begin: UInt64
        if let known = records[key] {
            record = known
            begin = record.seen
        } else {
            lastNumber &+= 1
            record = Record(number: lastNumber, list: 0, seen: now, addresses: [])
            counts[resource, default: 0] += 1
            begin = 0
        }
        let claims = claims(of: object, resource, as: key)
        let wanted = claims.map(\.address)
        for address in record.addresses where !wanted.contains(address) { end(address, record.number, at: now) }
        let since = Self.moment(of: object, now: now, wall: wall)
        for (address, claim, peer) in claims where !record.addresses.contains(address) {
            let isFirst = record.addresses.isEmpty && resource == .pods
            let time = isFirst || begin == 0 ? since : begin
            tenures[address, default: []].append(
                Tenure(peer: peer, record: record.number, claim: claim, begin: min(time, now)))
        }
        record.addresses = wanted
        record.seen = now
        record.list = lists[resource] ?? 0
        records[key] = record
    }

    /// Notes that an object is gone.
    mutating func remove(_ object: ClusterObject, of resource: ClusterResource, at now: UInt64) {
        forget(at: now)
        remove(Key(resource: resource, namespace: object.namespace, name: object.name), at: now)
    }

    /// Notes that a list of all objects of a resource begins.
    mutating func beginList(of resource: ClusterResource) { lists[resource, default: 0] += 1 }

    /// Notes that a list has come to its end: what it did not have is gone.
    mutating func endList(of resource: ClusterResource, at now: UInt64) {
        let list = lists[resource] ?? 0
        for (key, record) in records where key.resource == resource && record.list != list { remove(key, at: now) }
    }

    private mutating func remove(_ key: Key, at now: UInt64) {
        guard let record = records.removeValue(forKey: key) else { return }
        counts[key.resource, default: 1] -= 1
        for address in record.addresses { end(address, record.number, at: now) }
    }

    /// When an object has begun to have addresses. Clocks of nodes are not the same, and times of the API are of seconds.
    private static func moment(of object: ClusterObject, now: UInt64, wall: UInt64) -> UInt64 {
        let begun = object.started > 0 ? object.started : object.created
        let age = wall - min(wall, begun)
        return begun == 0 ? 0 : now - min(now, age)
    }

    private mutating func claims(
        of object: ClusterObject, _ resource: ClusterResource, as key: Key
    ) -> [(address: IPAddress, claim: Claim, peer: Peer)] {
        switch resource {
        case .pods:
            guard !object.isHostNetwork, !object.isFinished else { return [] }
            let peer = Peer(kind: .pod, namespace: key.namespace, pod: key.name)
            return object.addresses.map { ($0, .pod, peer) }
        case .nodes:
            let peer = Peer(kind: .node, node: key.name)
            let more = object.annotations.filter { ClusterObject.nodeAddresses.contains($0.key) }.values
                .compactMap { IPAddress($0.prefix { $0 != "/" }) }
            return Set(object.addresses + more).map { ($0, .node, peer) }
        case .services:
            let peer = Peer(service: key.name, namespace: key.namespace)
            return object.addresses.map { ($0, .service, peer) }
                + object.externalAddresses.filter { !object.addresses.contains($0) }.map { ($0, .entrance, peer) }
        case .endpointSlices:
            guard let service = object.labels["kubernetes.io/service-name"], !service.isEmpty else { return [] }
            let peer = Peer(service: interned(service), namespace: key.namespace)
            return object.addresses.map { ($0, .endpoint, peer) }
        }
    }

    private mutating func end(_ address: IPAddress, _ record: UInt32, at now: UInt64) {
        guard let place = tenures[address]?.firstIndex(where: { $0.record == record && $0.end == .max }) else { return }
        if tenures[address]?[place].claim == .endpoint {
            // Nothing is asked of the past but who it was, and that is the service still.
            tenures[address]?.remove(at: place)
            if tenures[address]?.isEmpty == true { tenures[address] = nil }
            return
        }
        tenures[address]?[place].end = now
        past.append((now, address))
    }

    /// Forgets whose addresses were long ago, or before too many others.
    private mutating func forget(at now: UInt64) {
        while firstPast < past.count,
            past[firstPast].end + Self.memory < now || past.count - firstPast > Self.longestPast
        {
            let (end, address) = past[firstPast]
            tenures[address]?.removeAll { $0.end <= end }
            if tenures[address]?.isEmpty == true { tenures[address] = nil }
            firstPast += 1
        }
        guard firstPast > past.count / 2 else { return }
        past.removeFirst(firstPast)
        firstPast = 0
        if past.isEmpty { past = [] }
    }

    /// The same text, kept once however many objects have it.
    private mutating func interned(_ text: String) -> String {
        // Names come and go; what is forgotten here is only kept more than once.
        if names.count > 8192 { names = [] }
        let (isNew, known) = names.insert(text)
        return isNew ? text : known
    }
}
