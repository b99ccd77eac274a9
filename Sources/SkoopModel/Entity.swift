// SPDX-License-Identifier: Apache-2.0

/// Identifies a network namespace on this host: the inode number of `/proc/<pid>/ns/net`.
public struct NamespaceID: RawRepresentable, Hashable, Sendable, Comparable {
    /// The inode number; 0 stands for none.
    public var rawValue: UInt64

    /// Wraps an inode number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Where something is of which the kernel does not say in which namespace it happened.
    public static let nowhere = NamespaceID(rawValue: 0)

    /// Orders by inode number.
    public static func < (one: NamespaceID, other: NamespaceID) -> Bool { one.rawValue < other.rawValue }
}

/// What kernel data is attributed to: a pod, or what stands in its place where there is none.
public struct Entity: Sendable, Hashable {
    /// What is known of the entity. Unknown is a value, never a guess.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The host itself: the initial network namespace.
        case node
        /// A Kubernetes pod, or what a mapping file calls one.
        case pod
        /// A container without a pod.
        case container
        /// A namespace that has a mount name, for example under `/run/netns`.
        case namespace
        /// A namespace of which only the inode number is known.
        case unknown
    }

    /// What is known of the entity.
    public var kind: Kind
    /// The network namespace.
    public var namespace: NamespaceID
    /// The container's identifier, empty where there is none.
    public var container: String
    /// Value of the label `k8s_namespace`.
    public var podNamespace: String
    /// Value of the label `k8s_pod`.
    public var podName: String
    /// The pod's own labels, the raw material of `additionalLabels`.
    public var labels: [String: String]
    /// What made the pod, where that is known.
    public var workload: Workload?

    /// Makes an entity; see the properties for the meaning of each argument.
    public init(
        kind: Kind, namespace: NamespaceID, container: String = "", podNamespace: String = "", podName: String = "",
        labels: [String: String] = [:]
    ) {
        self.kind = kind
        self.namespace = namespace
        self.container = container
        self.podNamespace = podNamespace
        self.podName = podName
        self.labels = labels
    }
}

/// What makes pods and looks after them: a Deployment, a StatefulSet, a CronJob.
public struct Workload: Sendable, Hashable {
    /// Its kind as Kubernetes writes it.
    public var kind: String
    /// Its name, in the namespace of its pods.
    public var name: String

    /// Makes one.
    public init(kind: String, name: String) {
        self.kind = kind
        self.name = name
    }
}

/// The entities of a snapshot; its rows refer to them by position.
public struct EntityTable: Sendable {
    /// Position of an entity in a table.
    public typealias Index = Int32

    /// The node's name, the value of `k8s_node` on every row.
    public var node: String
    /// Names of the configured additional labels.
    public var additionalLabelNames: [String]
    /// The entities. Position 0 is the node.
    public private(set) var entities: [Entity]
    /// Values of the additional labels, `additionalLabelNames.count` per entity.
    public private(set) var additionalLabelValues: [String]
    /// Changes whenever the content does, so that what was rendered from a table can be kept.
    public var version: UInt64

    /// Position of the node.
    public static let nodeIndex: Index = 0

    /// Makes a table that holds the node only.
    public init(
        node: String, nodeEntity: Entity = Entity(kind: .node, namespace: NamespaceID(rawValue: 0)),
        additionalLabelNames: [String] = [], nodeLabelValues: [String] = [], version: UInt64 = 0
    ) {
        self.node = node
        self.additionalLabelNames = additionalLabelNames
        self.version = version
        self.entities = []
        self.additionalLabelValues = []
        append(nodeEntity, additionalLabelValues: nodeLabelValues)
    }

    /// Adds an entity and returns its position; missing additional values are empty.
    @discardableResult
    public mutating func append(_ entity: Entity, additionalLabelValues values: [String] = []) -> Index {
        entities.append(entity)
        for position in additionalLabelNames.indices {
            additionalLabelValues.append(position < values.count ? values[position] : "")
        }
        return Index(entities.count - 1)
    }

    /// The values of the additional labels of one entity.
    public func additionalLabels(of index: Index) -> ArraySlice<String> {
        let width = additionalLabelNames.count
        return additionalLabelValues[Int(index) * width..<(Int(index) + 1) * width]
    }
}
