// SPDX-License-Identifier: Apache-2.0

/// Whose address it is.
public struct Peer: Hashable, Sendable {
    /// What stands in the labels `src_type` and `dst_type`.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A pod, or what stands in its place.
        case pod
        /// A node.
        case node
        /// A service: an address that is translated on its way, or one behind it that is neither a pod's nor a node's.
        case service
        /// Nobody knows.
        case unknown
    }

    /// What it is.
    public var kind: Kind
    /// The node's name; empty unless it is a node.
    public var node: String
    /// The namespace of the pod or the service; empty for all others.
    public var namespace: String
    /// The pod's name; of a service `service:` and its name, which no pod is called; empty for all others.
    public var pod: String

    /// An address that nobody knows.
    public static let unknown = Peer(kind: .unknown)

    /// Makes a peer; see the properties for the meaning of each argument.
    public init(kind: Kind, node: String = "", namespace: String = "", pod: String = "") {
        self.kind = kind
        self.node = node
        self.namespace = namespace
        self.pod = pod
    }

    /// Makes a service.
    public init(service name: String, namespace: String) {
        self.init(kind: .service, namespace: namespace, pod: "service:" + name)
    }

    /// What an entity is to those who talk to it.
    public init(_ entity: Entity, node: String) {
        switch entity.kind {
        case .node: self.init(kind: .node, node: node)
        case .pod, .container, .namespace:
            self.init(kind: .pod, namespace: entity.podNamespace, pod: entity.podName)
        case .unknown: self = .unknown
        }
    }
}
