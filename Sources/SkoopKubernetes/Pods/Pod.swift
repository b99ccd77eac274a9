// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// A pod on this host, as its container runtime knows it.
public struct Pod: Sendable, Hashable {
    /// A container of a pod.
    public struct Container: Sendable, Hashable {
        /// The runtime's identifier, 64 hexadecimal digits; part of the control group's name.
        public var id: String
        /// The name within the pod.
        public var name: String

        /// Makes one.
        public init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// The pod's UID; for a pod of a file on the node the hash that the kubelet made of that file.
    public var uid: String
    /// The Kubernetes namespace.
    public var namespace: String
    /// The name.
    public var name: String
    /// The pod's own labels, without those by which the kubelet marks it for the runtime.
    public var labels: [String: String]
    /// The identifier of its sandbox, whose first process holds the namespaces; a pod that was restarted has another one.
    public var sandbox: String
    /// Its containers, init containers included.
    public var containers: [Container]
    /// When the sandbox was made, in nanoseconds since 1970.
    public var created: Int64
    /// Whether the sandbox runs.
    public var isReady: Bool
    /// The mount of its network namespace, where the runtime was asked for it: `/var/run/netns/cni-…`.
    public var networkNamespace: String?
    /// What made it, where the one who was asked knows that.
    public var workload: Workload?

    /// Makes a pod; see the properties for the meaning of each argument.
    public init(
        uid: String, namespace: String, name: String, labels: [String: String] = [:], sandbox: String = "",
        containers: [Container] = [], created: Int64 = 0, isReady: Bool = true, networkNamespace: String? = nil,
        workload: Workload? = nil
    ) {
        self.uid = uid
        self.namespace = namespace
        self.name = name
        self.labels = labels
        self.sandbox = sandbox
        self.containers = containers
        self.created = created
        self.isReady = isReady
        self.networkNamespace = networkNamespace
        self.workload = workload
    }

    /// The labels that the kubelet gives every sandbox and container begin so; see the kubelet's package
    /// `k8s.io/kubelet/pkg/types`, `labels.go`.
    static let kubeletLabels = "io.kubernetes."
}
