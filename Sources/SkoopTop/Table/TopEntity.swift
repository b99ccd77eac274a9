// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Whose numbers a row has, by its names: what a page of metrics says, too.
public struct TopEntity: Sendable, Hashable, Comparable {
    /// The node's name.
    public var node: String
    /// The value of `k8s_namespace`; empty for what is no pod.
    public var namespace: String
    /// The value of `k8s_pod`; empty for the node itself.
    public var pod: String

    /// Makes one; see the properties for the meaning of each argument.
    public init(node: String, namespace: String = "", pod: String = "") {
        self.node = node
        self.namespace = namespace
        self.pod = pod
    }

    /// The one that an entity of a node is.
    public init(_ entity: Entity, of node: String) {
        self.init(
            node: node, namespace: entity.kind == .node ? "" : entity.podNamespace,
            pod: entity.kind == .node ? "" : entity.podName)
    }

    /// Whether it is the node itself.
    public var isNode: Bool { pod.isEmpty && namespace.isEmpty }

    /// `shop/web-1`, `netns:blue`, or the name of a node with a remark.
    public var name: String {
        isNode ? "(node) \(node)" : namespace.isEmpty ? pod : "\(namespace)/\(pod)"
    }

    /// Nodes first, then by name.
    public static func < (one: TopEntity, other: TopEntity) -> Bool {
        if one.isNode != other.isNode { return one.isNode }
        return (one.name, one.node) < (other.name, other.node)
    }
}
