// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// An entity of a certain node, as analysis knows it over time.
public struct AnalysedEntity: Sendable, Hashable {
    /// The node's name.
    public var node: String
    /// What is known of it now.
    public var entity: Entity

    /// Makes an entity of a node.
    public init(node: String, entity: Entity) {
        self.node = node
        self.entity = entity
    }

    /// `namespace/pod` of a pod, the node's name of a node, else what the entity is called.
    public var name: String {
        switch entity.kind {
        case .node: node
        case .pod, .container, .namespace, .unknown:
            entity.podNamespace.isEmpty && entity.podName.isEmpty
                ? "namespace \(entity.namespace.rawValue)"
                : entity.podNamespace.isEmpty ? entity.podName : "\(entity.podNamespace)/\(entity.podName)"
        }
    }
}

/// Gives every entity that evidence speaks of a number, and keeps it while the entity learns its name.
///
/// A namespace that is unknown at first and a pod later is one entity. A namespace number that comes again with the name
/// of another pod is another entity, and the first one still is itself if it is spoken of again; a pod that comes again in
/// another namespace is another one, too.
struct EntityRegistry: Sendable {
    /// Position in ``entities``.
    typealias Number = Int

    private struct Place: Hashable {
        var node: String
        var namespace: NamespaceID
    }
    private struct Name: Hashable {
        var node: String
        var kind: Entity.Kind
        var namespace: String
        var name: String
    }

    private(set) var entities: [AnalysedEntity] = []
    /// Those that were at a place, the one that was seen last at the end.
    private var numbersByPlace: [Place: [Number]] = [:]
    private var numbersByName: [Name: Number] = [:]

    /// The number of an entity; a new one gets the next.
    mutating func number(of entity: Entity, on node: String) -> Number {
        // Evidence from elsewhere than the host has names only.
        guard entity.kind == .node || entity.namespace.rawValue != 0 else { return named(entity, on: node) }
        let place = Self.place(of: entity, on: node)
        if let known = known(entity, at: place) { return known }
        let number = adopted(entity, on: node) ?? add(entity, on: node)
        numbersByPlace[place, default: []].append(number)
        return number
    }

    /// The one of a place that an entity is: the one of its name, else the last one where either has no name.
    private mutating func known(_ entity: Entity, at place: Place) -> Number? {
        guard let all = numbersByPlace[place], let last = all.last else { return nil }
        let known =
            Self.same(entities[last].entity, entity)
            ? last : all.last { entities[$0].entity.kind != .unknown && Self.same(entities[$0].entity, entity) }
        guard let known else { return nil }
        if known != last { numbersByPlace[place] = all.filter { $0 != known } + [known] }
        if entities[known].entity.kind == .unknown || entity.kind == .node { entities[known].entity = entity }
        return known
    }

    /// Forgets all but some.
    ///
    /// - Parameter isKept: by number.
    /// - Returns: the new number of each.
    mutating func forget(keeping isKept: [Bool]) -> [Number?] {
        let old = self
        self = EntityRegistry()
        var numbers = [Number?](repeating: nil, count: isKept.count)
        for (number, one) in old.entities.enumerated() where isKept[number] {
            numbers[number] = entities.count
            entities.append(one)
        }
        numbersByPlace = old.numbersByPlace.compactMapValues { all in
            let left = all.compactMap { numbers[$0] }
            return left.isEmpty ? nil : left
        }
        numbersByName = old.numbersByName.compactMapValues { numbers[$0] }
        return numbers
    }

    /// The number of an entity that was known by its name only until now.
    private mutating func adopted(_ entity: Entity, on node: String) -> Number? {
        guard entity.kind != .node, let known = numbersByName[Self.name(of: entity, on: node)],
            entities[known].entity.namespace.rawValue == 0
        else { return nil }
        entities[known].entity = entity
        return known
    }

    /// The numbers of the entities that are called so.
    func numbers(of peer: Peer) -> [Number] {
        switch peer.kind {
        case .service, .unknown: []
        case .node: entities.indices.filter { entities[$0].entity.kind == .node && entities[$0].node == peer.node }
        case .pod:
            entities.indices.filter {
                entities[$0].entity.kind != .node && entities[$0].entity.podName == peer.pod
                    && entities[$0].entity.podNamespace == peer.namespace
            }
        }
    }

    private mutating func named(_ entity: Entity, on node: String) -> Number {
        if let known = numbersByName[Self.name(of: entity, on: node)] { return known }
        return add(entity, on: node)
    }

    private mutating func add(_ entity: Entity, on node: String) -> Number {
        entities.append(AnalysedEntity(node: node, entity: entity))
        if !entity.podName.isEmpty || entity.namespace.rawValue == 0 {
            numbersByName[Self.name(of: entity, on: node)] = entities.count - 1
        }
        return entities.count - 1
    }

    private static func place(of entity: Entity, on node: String) -> Place {
        Place(node: node, namespace: entity.kind == .node ? NamespaceID(rawValue: 0) : entity.namespace)
    }

    private static func name(of entity: Entity, on node: String) -> Name {
        Name(node: node, kind: entity.kind, namespace: entity.podNamespace, name: entity.podName)
    }

    private static func same(_ known: Entity, _ other: Entity) -> Bool {
        known.kind == .unknown || other.kind == .unknown
            || known.podName == other.podName && known.podNamespace == other.podNamespace
    }
}
