// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// A namespace that has gone since a birth told of it.
public struct DepartedNamespace: Sendable, Hashable {
    /// Its number, which may be another's by now.
    public var id: NamespaceID
    /// The number that it does not share with any other; 0 where the kernel does not tell it.
    public var cookie: UInt64
    /// Whose it was.
    public var entity: EntityTable.Index

    /// Makes one.
    public init(id: NamespaceID, cookie: UInt64, entity: EntityTable.Index) {
        self.id = id
        self.cookie = cookie
        self.entity = entity
    }
}

/// Finds, in what births tell, the namespaces of containers that have gone.
///
/// The rule is that of ``HostLayout``: a namespace is a container's when the container began in it, so that what is made
/// inside a container is not taken for the container's own.
struct Departures: Sendable {
    private struct Place: Hashable {
        var id: NamespaceID
        var cookie: UInt64

        /// Whether both may be one; without cookies that cannot be told.
        func mayBe(_ other: Place) -> Bool {
            id == other.id && (cookie == other.cookie || cookie == 0 || other.cookie == 0)
        }
    }

    private struct Home {
        var place: Place
        /// When a birth first told of the container; 0 where its processes themselves tell.
        var time: UInt64
    }

    /// Within how long a container's own program follows on those by which the runtime makes it: runc's child replaces
    /// itself by a copy of its program, and may be in the container's control group by then but not in its namespaces.
    private static let making: UInt64 = 1_000_000_000

    /// In which namespace each container began of which a birth tells.
    private var homes: [String: Home] = [:]

    /// The namespaces that have gone, the oldest first, each with the process whose birth told of it.
    mutating func subjects(of inventory: HostInventory, _ layout: HostLayout) -> [EntitySubject] {
        guard !layout.births.isEmpty else {
            homes = [:]
            return []
        }
        let living = Dictionary(
            inventory.namespaces.map { ($0.id, Place(id: $0.id, cookie: $0.cookie)) }, uniquingKeysWith: { $1 })
        follow(inventory, layout, living)
        var found: [Place: EntitySubject] = [:]
        var order: [Place] = []
        var unclear: Set<Place> = []
        for (birth, container) in layout.births where birth.namespace != inventory.nodeNamespace {
            let place = Place(id: birth.namespace, cookie: birth.cookie)
            guard living[place.id]?.mayBe(place) != true, homes[container.key]?.place.mayBe(place) == true else {
                continue
            }
            if let first = found[place]?.container {
                // Without cookies these may be two namespaces that had the number in turn.
                if place.cookie == 0, first.owner != container.owner { unclear.insert(place) }
                continue
            }
            var namespace = NetworkNamespace(id: place.id)
            namespace.cookie = place.cookie
            found[place] = EntitySubject(
                namespace: namespace, container: container, hasDeparted: true, oldestProcess: birth.process)
            order.append(place)
        }
        return order.compactMap { unclear.contains($0) ? nil : found[$0] } + onHostNetwork(inventory, layout)
    }

    /// The containers on the node's network of which no process is left.
    private func onHostNetwork(_ inventory: HostInventory, _ layout: HostLayout) -> [EntitySubject] {
        var known = Set(layout.containers.map(\.id.key))
        return layout.births.compactMap { birth, container in
            guard homes[container.key]?.place.id == inventory.nodeNamespace, known.insert(container.key).inserted else {
                return nil
            }
            return EntitySubject(
                namespace: NetworkNamespace(id: inventory.nodeNamespace), container: container, isHostNetwork: true,
                hasDeparted: true, oldestProcess: birth.process)
        }
    }

    private mutating func follow(_ inventory: HostInventory, _ layout: HostLayout, _ living: [NamespaceID: Place]) {
        let before = homes
        homes = [:]
        let named = Set(layout.births.map(\.container.key))
        for (position, container) in layout.containers.enumerated() where named.contains(container.id.key) {
            let id = layout.home(of: position, in: inventory)
            homes[container.id.key] = Home(place: living[id] ?? Place(id: id, cookie: 0), time: 0)
        }
        for (birth, container) in layout.births {
            let own = Home(place: Place(id: birth.namespace, cookie: birth.cookie), time: birth.time)
            var home = homes[container.key] ?? before[container.key] ?? own
            if home.place.id == inventory.nodeNamespace, birth.time - min(birth.time, home.time) < Self.making {
                home.place = own.place
            }
            homes[container.key] = home
        }
    }
}

extension ContainerID {
    /// What containers have in common that share a namespace.
    fileprivate var owner: String { podUID.isEmpty ? key : podUID }
}
