// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Why a namespace, or a container on the node's network, has the name it has.
public struct IdentityEvidence: Sendable {
    /// What was asked about.
    public var subject: EntitySubject
    /// What it is called.
    public var entity: Entity
    /// Who gave the name, ``EntityProvider/name``; empty where nobody knew one.
    public var provider: String
    /// By what the provider knew it, for people; empty where that is clear.
    public var reason: String
}

extension EntityResolver {
    /// Attributes an inventory and says why everything in it has its name; the node's namespace is left out.
    public mutating func evidence(for inventory: HostInventory) -> (census: Census, evidence: [IdentityEvidence]) {
        let census = resolve(inventory)
        var names = ContainerNames()
        let layout = HostLayout(of: inventory, names: &names)
        let evidence = Self.subjects(of: inventory, layout).compactMap { subject, container -> IdentityEvidence? in
            let index: EntityTable.Index?
            if subject.isHostNetwork, let container {
                index = census.entityOfProcess[layout.containers[container].oldest]
            } else {
                index = census.entityOfNamespace[subject.namespace.id]
            }
            guard let index else { return nil }
            let entity = census.entities.entities[Int(index)]
            let provider = providers.first { $0.identity(of: subject)?.kind == entity.kind }
            return IdentityEvidence(
                subject: subject, entity: entity, provider: provider?.name ?? "",
                reason: provider?.reason(for: subject) ?? "")
        }
        return (census, evidence)
    }
}

extension EntityIdentity {
    /// The kind of entity that a provider names so.
    fileprivate var kind: Entity.Kind {
        switch self {
        case .pod: .pod
        case .container: .container
        case .mount: .namespace
        }
    }
}
