// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Knows what some namespaces and containers are, for example from Kubernetes or from a mapping file.
///
/// Providers form a chain: the first that knows a subject names it. A provider that does not know one says so with `nil`
/// and never guesses. The node itself is no subject. All calls come from the thread that resolves the inventory and must
/// not block; a provider that asks a server does so elsewhere and answers from what it has.
public protocol EntityProvider: Sendable {
    /// Who it is, in a word or two for people: `mapping file`.
    var name: String { get }

    /// Called once for every inventory, before the questions about it.
    ///
    /// - Returns: whether answers may differ from those given for the same subjects before.
    mutating func update(for inventory: HostInventory) -> Bool

    /// What `subject` is, or `nil` when this provider does not know.
    func identity(of subject: EntitySubject) -> EntityIdentity?

    /// Whether somebody is being asked for a subject that the provider does not know, so that it may know it in a moment.
    ///
    /// What happens to such a subject is held back for a while before it is reported under another name.
    func isAwaited(_ subject: EntitySubject) -> Bool

    /// What a container is called within its pod, or `nil` when this provider does not know; empty for a pod's sandbox.
    func name(of container: ContainerID) -> String?

    /// By what it knows a subject, for people; empty where its name says it all, or it does not know it.
    func reason(for subject: EntitySubject) -> String

    /// What made a pod, whoever has named it; nil where this provider does not know.
    func workload(ofPod name: String, in namespace: String) -> Workload?

    /// Who knows addresses that are not on this host; nil for nobody.
    var peers: (any PeerSource)? { get }
}

/// Knows whose addresses are that no namespace of this host has, for example from Kubernetes.
///
/// Asked by every thread that reports something; must neither wait for anybody nor guess.
public protocol PeerSource: Sendable {
    /// Whose an address is, or was.
    ///
    /// - Parameters:
    ///   - address: the address.
    ///   - moment: when, in nanoseconds of `CLOCK_MONOTONIC`; nil for now.
    /// - Returns: unknown where that cannot be told.
    func peer(of address: IPAddress, at moment: UInt64?) -> Peer
}

extension EntityProvider {
    /// The name of the type.
    public var name: String { "\(Self.self)" }
    /// Nobody is asked.
    public func isAwaited(_ subject: EntitySubject) -> Bool { false }
    /// Nobody knows containers by name.
    public func name(of container: ContainerID) -> String? { nil }
    /// Nothing beyond the name.
    public func reason(for subject: EntitySubject) -> String { "" }
    /// Nobody knows.
    public func workload(ofPod name: String, in namespace: String) -> Workload? { nil }
    /// Nobody knows.
    public var peers: (any PeerSource)? { nil }

    /// A provider whose answers depend on the subject only has nothing to update.
    public mutating func update(for inventory: HostInventory) -> Bool { false }
}

/// What a provider says a subject is.
public enum EntityIdentity: Sendable, Hashable {
    /// A pod. A name that is empty, or that reads like a generated one (``EntityIdentity/reservedPrefixes``) in an empty
    /// namespace, is not accepted; the next provider is asked then.
    case pod(namespace: String, name: String, labels: [String: String] = [:])
    /// A container without a pod.
    case container(ContainerID, labels: [String: String] = [:])
    /// A namespace known by a bind mount.
    case mount(path: String)

    /// How the generated values of `k8s_pod` begin; no Kubernetes name has a colon.
    public static let reservedPrefixes = ["container:", "netns:"]
}

/// Names what lives in a container by the container.
public struct ContainerProvider: EntityProvider {
    /// As it is called in explanations.
    public let name = "control group"

    /// Makes the provider.
    public init() {}

    /// The control group that names the container.
    public func reason(for subject: EntitySubject) -> String { subject.container?.cgroup ?? "" }

    /// The subject's container.
    public func identity(of subject: EntitySubject) -> EntityIdentity? { subject.container.map { .container($0) } }
}

/// Names a namespace by its bind mount.
public struct MountNameProvider: EntityProvider {
    /// As it is called in explanations.
    public let name = "mount"

    /// Makes the provider.
    public init() {}

    /// The mount.
    public func reason(for subject: EntitySubject) -> String { subject.namespace.mountPath ?? "" }

    /// The subject's bind mount; nothing for a container on the host's network.
    public func identity(of subject: EntitySubject) -> EntityIdentity? {
        subject.isHostNetwork ? nil : subject.namespace.mountPath.map { .mount(path: $0) }
    }
}
