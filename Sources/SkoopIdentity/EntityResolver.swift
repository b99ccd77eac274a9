// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Synchronization

/// Attributes every namespace and process of an inventory to an entity.
///
/// The rules, in Documentation/identity.md at length:
/// - The node's namespace is the node, with empty `k8s_namespace` and `k8s_pod`.
/// - Every other namespace is one entity. It belongs to a container when its oldest process is in that container and the
///   container's oldest process is in it.
/// - A container whose oldest process is in the node's namespace is an entity of its own, for data per process.
/// - A process belongs to its container's entity; without a container, to that of its namespace.
/// - Providers name the entities, the first that knows one; no two entities get the same labels.
/// - The last entity is nobody's: that of packets of which the kernel does not say in which namespace they were.
///
/// A value is owned by one thread. Nothing is read from the system; the cost is that of walking the inventory, and almost
/// none when it is the same as before.
public struct EntityResolver: Sendable {
    /// The chain that needs nothing but the host: the container, then the mount name.
    public static var builtInProviders: [any EntityProvider] { [ContainerProvider(), MountNameProvider()] }

    private let node: String
    /// Labels made from those of the pods.
    public var additionalLabels: AdditionalLabels {
        didSet { if additionalLabels != oldValue { hasOtherLabels = true } }
    }
    private(set) var providers: [any EntityProvider]
    private var names = ContainerNames()
    private var last: Census?
    private var departures = Departures()
    /// Whether the labels are not those of the last census.
    private var hasOtherLabels = false

    /// Makes a resolver.
    ///
    /// - Parameters:
    ///   - node: the node's name, the value of `k8s_node`.
    ///   - providers: who names entities, in the order in which they are asked.
    ///   - additionalLabels: labels made from those of the pods.
    public init(
        node: String, providers: [any EntityProvider] = EntityResolver.builtInProviders,
        additionalLabels: AdditionalLabels = AdditionalLabels()
    ) {
        self.node = node
        self.providers = providers
        self.additionalLabels = additionalLabels
    }

    /// Attributes an inventory. The version of the table is that of the one before unless its content differs.
    public mutating func resolve(_ inventory: HostInventory) -> Census {
        var changed = hasOtherLabels
        for index in providers.indices where providers[index].update(for: inventory) { changed = true }
        if !changed, let last, last.inventory == inventory { return last }
        let census = attribute(inventory)
        last = census
        hasOtherLabels = false
        return census
    }

    private mutating func attribute(_ inventory: HostInventory) -> Census {
        let layout = HostLayout(of: inventory, names: &names)
        let subjects = Self.subjects(of: inventory, layout)
        let departed = departures.subjects(of: inventory, layout)
        let entities = EntityNaming(providers: providers).entities(of: subjects.map(\.subject) + departed)

        let all = entities.named.map(withWorkload) + [.unknown(.nowhere)]
        var census = Census(
            inventory: inventory, entities: table(all, nodeNamespace: inventory.nodeNamespace),
            entityOfNamespace: [
                inventory.nodeNamespace: EntityTable.nodeIndex, .nowhere: EntityTable.Index(all.count),
            ], entityOfProcess: [])
        var entityOfContainer = [EntityTable.Index?](repeating: nil, count: layout.containers.count)
        for (position, subject) in subjects.enumerated() {
            let entity = entities.ofSubject[position].map { EntityTable.Index($0 + 1) }
            if let entity, isAwaited(subject.subject) { census.awaited.insert(entity) }
            if subject.subject.isHostNetwork {
                if let container = subject.container { entityOfContainer[container] = entity }
            } else {
                census.entityOfNamespace[subject.subject.namespace.id] = entity
            }
        }
        for container in layout.containers.indices where entityOfContainer[container] == nil {
            entityOfContainer[container] = census.entityOfNamespace[layout.home(of: container, in: inventory)]
        }
        census.entityOfProcess = inventory.processes.indices.map { position in
            let container = layout.containerOfProcess[position]
            if container >= 0, let entity = entityOfContainer[container] { return entity }
            return census.entityOfNamespace[inventory.processes[position].namespace] ?? EntityTable.nodeIndex
        }
        let names = layout.containers.map { container in
            providers.lazy.compactMap { $0.name(of: container.id) }.first
        }
        census.containerOfProcess = layout.containerOfProcess.map { $0 < 0 ? "" : names[$0] }
        for (birth, container) in layout.births {
            census.containerOfGroups[birth.groups] = providers.lazy.compactMap { $0.name(of: container) }.first
        }
        if !layout.births.isEmpty {
            var named: [(subject: EntitySubject, entity: EntityTable.Index)] = []
            for (subject, entity) in zip(departed, entities.ofSubject.dropFirst(subjects.count)) {
                guard let entity = entity.map({ EntityTable.Index($0 + 1) }) else { continue }
                if providers.contains(where: { $0.isAwaited(subject) }) { census.awaited.insert(entity) }
                named.append((subject, entity))
            }
            census.enter(named, layout, entityOfContainer)
        }
        census.peers = peers(of: census)
        return census
    }

    /// Whether somebody may yet say what a subject is who is asked before whoever says it now.
    private func isAwaited(_ subject: EntitySubject) -> Bool {
        for provider in providers {
            if provider.isAwaited(subject) { return true }
            if case .pod = provider.identity(of: subject) { return false }
        }
        return false
    }

    /// The entity with what made it, where that is a pod of which a provider knows that.
    private func withWorkload(_ entity: Entity) -> Entity {
        guard entity.kind == .pod else { return entity }
        var entity = entity
        entity.workload =
            providers.lazy.compactMap { $0.workload(ofPod: entity.podName, in: entity.podNamespace) }.first
        return entity
    }

    /// The owners of addresses; those of the census before where neither addresses nor entities have changed.
    private func peers(of census: Census) -> PeerTable {
        if let last, last.inventory.addresses == census.inventory.addresses,
            last.entities.version == census.entities.version, last.entityOfNamespace == census.entityOfNamespace,
            last.departed == census.departed
        {
            return last.peers
        }
        var peers = PeerTable(of: census, after: last?.peers ?? PeerTable())
        peers.others = providers.compactMap(\.peers)
        return peers
    }

    /// The namespaces but the node's, oldest first, then the containers on the host's network likewise.
    static func subjects(
        of inventory: HostInventory, _ layout: HostLayout
    ) -> [(subject: EntitySubject, container: Int?)] {
        var namespaces = inventory.namespaces.filter { $0.id != inventory.nodeNamespace }
        let listed = Set(inventory.namespaces.map(\.id))
        for (id, oldest) in layout.oldestOfNamespace where !listed.contains(id) && id != inventory.nodeNamespace {
            namespaces.append(NetworkNamespace(id: id, pid: inventory.processes[oldest].pid))
        }
        var subjects: [(subject: EntitySubject, container: Int?)] = namespaces.map { namespace in
            let container = layout.container(of: namespace.id, in: inventory)
            return (
                EntitySubject(
                    namespace: namespace, container: container.map { layout.containers[$0].id },
                    oldestProcess: layout.oldestOfNamespace[namespace.id].map { inventory.processes[$0] }), container
            )
        }
        let node =
            inventory.namespaces.first { $0.id == inventory.nodeNamespace }
            ?? NetworkNamespace(id: inventory.nodeNamespace)
        for (position, container) in layout.containers.enumerated()
        where inventory.processes[container.oldest].namespace == inventory.nodeNamespace {
            subjects.append(
                (
                    EntitySubject(
                        namespace: node, container: container.id, isHostNetwork: true,
                        oldestProcess: inventory.processes[container.oldest]), position
                ))
        }
        // Who came first keeps a name that two claim; so order by age and not by where the kernel lists something.
        return subjects.map { (Age($0.subject), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// The table of the inventory before where the content is the same, otherwise a new one.
    private func table(_ entities: [Entity], nodeNamespace: NamespaceID) -> EntityTable {
        let nodeEntity = Entity(kind: .node, namespace: nodeNamespace)
        if let last, !hasOtherLabels, last.entities.entities.first == nodeEntity,
            last.entities.entities.dropFirst().elementsEqual(entities)
        {
            return last.entities
        }
        var table = EntityTable(
            node: node, nodeEntity: nodeEntity, additionalLabelNames: additionalLabels.names,
            nodeLabelValues: additionalLabels.values(for: [:], workload: nil), version: TableVersion.next())
        for entity in entities {
            table.append(
                entity, additionalLabelValues: additionalLabels.values(for: entity.labels, workload: entity.workload))
        }
        return table
    }
}

/// The order in which subjects get names.
private struct Age: Comparable {
    let isHostNetwork: Bool
    let startTime: UInt64
    let pid: Int32
    let namespace: NamespaceID

    init(_ subject: EntitySubject) {
        isHostNetwork = subject.isHostNetwork
        startTime = subject.oldestProcess?.startTime ?? .max
        pid = subject.oldestProcess?.pid ?? .max
        namespace = subject.namespace.id
    }

    static func < (one: Age, other: Age) -> Bool {
        if one.isHostNetwork != other.isHostNetwork { return other.isHostNetwork }
        return (one.startTime, one.pid, one.namespace) < (other.startTime, other.pid, other.namespace)
    }
}

/// Numbers tables through the whole process, so that no two resolvers give one number to different content.
private enum TableVersion {
    private static let count = Atomic<UInt64>(0)

    static func next() -> UInt64 { count.add(1, ordering: .relaxed).newValue }
}
