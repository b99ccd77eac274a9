// SPDX-License-Identifier: Apache-2.0

/// What an ``EntityProvider`` is asked about: a network namespace, or a container that shares the node's.
public struct EntitySubject: Sendable, Hashable {
    /// The namespace; the node's for a container on the host's network.
    public var namespace: NetworkNamespace
    /// The container whose namespace it is, or that shares the node's; `nil` where no container is known.
    public var container: ContainerID?
    /// Whether a container on the host's network is meant and not a namespace.
    public var isHostNetwork: Bool
    /// Whether the namespace has gone; the process is then the one whose birth told of it.
    public var hasDeparted: Bool
    /// The process that started first: of the namespace, or of the container on the host's network.
    public var oldestProcess: HostProcess?

    /// Makes a subject; see the properties for the meaning of each argument.
    public init(
        namespace: NetworkNamespace, container: ContainerID? = nil, isHostNetwork: Bool = false,
        hasDeparted: Bool = false, oldestProcess: HostProcess? = nil
    ) {
        self.namespace = namespace
        self.container = container
        self.isHostNetwork = isHostNetwork
        self.hasDeparted = hasDeparted
        self.oldestProcess = oldestProcess
    }
}
