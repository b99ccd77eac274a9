// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
internal import SkoopModel

/// Names an entity from one scrape to the next, where its position in the table may change.
struct EntityKey: Hashable, Sendable {
    private let namespace: NamespaceID
    private let hostContainer: String

    /// The key of an entity of this census.
    init(_ index: EntityTable.Index, _ census: Census) {
        let entity = census.entities.entities[Int(index)]
        namespace = entity.namespace
        // A container in a namespace of its own is the namespace; on the host's network it is one of many.
        let ownsNamespace = census.entityOfNamespace[entity.namespace] == index
        hostContainer = ownsNamespace ? "" : entity.container
    }
}
