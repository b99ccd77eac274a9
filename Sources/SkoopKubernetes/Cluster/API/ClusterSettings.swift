// SPDX-License-Identifier: Apache-2.0

/// Which cluster is asked, and for what.
public struct ClusterSettings: Sendable, Hashable {
    /// Which pods are wanted.
    public enum Scope: String, Sendable, Hashable, CaseIterable {
        /// All of the cluster with its nodes and services, so that peers have names.
        case cluster
        /// Those of this node only; nothing else is asked for.
        case node
    }

    /// The server's address, `https://host:6443`; nil takes the one that the credentials come with.
    public var server: String?
    /// A kubeconfig file; nil for the service account of the pod in which the process runs.
    public var kubeconfig: String?
    /// The context of the kubeconfig; nil for its current one.
    public var context: String?
    /// The service account of the pod in which the process runs; nil where it runs in none.
    public var serviceAccount: ServiceAccount?
    /// Which pods are wanted.
    public var scope = Scope.cluster
    /// The node whose pods have their names from the server too, as `spec.nodeName` has it.
    public var node = ""
    /// How it keeps in touch.
    var pace = Pace()

    /// How a server is kept in touch with.
    struct Pace: Sendable, Hashable {
        /// How long a watch lasts, at least; the server ends it, at a moment that is not the same for all.
        var watch: Duration = .seconds(240)
        /// How long a server may say nothing that has sent bookmarks, which it does every minute.
        var silence: Duration = .seconds(120)
        /// How long until it is asked again: at first, and at most.
        var firstRetry: Duration = .milliseconds(500)
        var longestRetry: Duration = .seconds(30)
        /// How many objects of a list are asked for at once.
        var part = 500
    }

    /// Makes the defaults: the service account of the pod in which the process runs.
    public init() { serviceAccount = ServiceAccount.ofProcess }

    /// Whether a text can be ``server``.
    public static func isServer(_ text: String) -> Bool { (try? ClusterAccess(server: text)) != nil }

    /// Whether there is anybody to be asked.
    public var isPossible: Bool { server != nil || kubeconfig != nil || serviceAccount != nil }
}
