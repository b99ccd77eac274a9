// SPDX-License-Identifier: Apache-2.0

/// What a cluster's API server is asked for.
public enum ClusterResource: String, Sendable, Hashable, CaseIterable {
    /// Pods, of the whole cluster or of one node.
    case pods
    /// Nodes.
    case nodes
    /// Services.
    case services
    /// The addresses behind services.
    case endpointSlices = "endpointslices"

    /// The collections of all namespaces, the newest version of the API first; an older server says 404 to it.
    var paths: [String] {
        switch self {
        case .pods, .nodes, .services: ["/api/v1/\(rawValue)"]
        // v1 since Kubernetes 1.21, v1beta1 from 1.16 to 1.24.
        case .endpointSlices: ["v1", "v1beta1"].map { "/apis/discovery.k8s.io/\($0)/\(rawValue)" }
        }
    }
}
