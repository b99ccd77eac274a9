// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

extension Census {
    /// Notes what has gone, and whose the control groups are of which births tell.
    ///
    /// - Parameters:
    ///   - departed: the namespaces, and containers on the node's network, that have gone.
    ///   - layout: that of the inventory.
    ///   - entityOfContainer: the entity of each of its containers.
    mutating func enter(
        _ departed: [(subject: EntitySubject, entity: EntityTable.Index)], _ layout: HostLayout,
        _ entityOfContainer: [EntityTable.Index?]
    ) {
        var ofContainer: [String: EntityTable.Index] = [:]
        var ofNamespace = Dictionary(
            inventory.namespaces.compactMap { namespace in
                entityOfNamespace[namespace.id].map { (Place(namespace.id, namespace.cookie), $0) }
            }, uniquingKeysWith: { $1 })
        for (subject, entity) in departed {
            if subject.isHostNetwork {
                ofContainer[subject.container?.key ?? ""] = entity
                continue
            }
            let (id, cookie) = (subject.namespace.id, subject.namespace.cookie)
            self.departed.append(DepartedNamespace(id: id, cookie: cookie, entity: entity))
            ofNamespace[Place(id, cookie)] = entity
        }
        for (position, container) in layout.containers.enumerated() {
            ofContainer[container.id.key] = entityOfContainer[position]
        }
        for (birth, container) in layout.births {
            // A container whose processes are gone was where its pod is.
            let home = ofNamespace[Place(birth.namespace, birth.cookie)] ?? ofNamespace[Place(birth.namespace, 0)]
            entityOfGroups[birth.groups] = ofContainer[container.key] ?? home
        }
    }

    private struct Place: Hashable {
        var id: NamespaceID
        var cookie: UInt64

        init(_ id: NamespaceID, _ cookie: UInt64) { (self.id, self.cookie) = (id, cookie) }
    }

    /// The entities of numbers that no namespace has now, as far as one namespace only had each in the last minute.
    public var entityOfDepartedNumber: [NamespaceID: EntityTable.Index] {
        var found: [NamespaceID: EntityTable.Index?] = [:]
        for gone in departed where entityOfNamespace[gone.id] == nil {
            // With cookies whoever reads rows of numbers notices that they have become another's.
            let isAlone = gone.cookie != 0 || found[gone.id].map { $0 == gone.entity } ?? true
            found[gone.id] = .some(isAlone ? gone.entity : nil)
        }
        return found.compactMapValues { $0 }
    }
}
