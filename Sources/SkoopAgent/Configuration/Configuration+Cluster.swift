// SPDX-License-Identifier: Apache-2.0
public import SkoopIdentity
import SkoopKubernetes
import SkoopYAML

extension Configuration {
    /// Which cluster is asked whose addresses there are; `nil` for none.
    ///
    /// What the file does not say comes from the pod in which the agent runs.
    static var clusterOfEnvironment: ClusterSettings? {
        let settings = ClusterSettings()
        return settings.isPossible ? settings : nil
    }

    /// Who is asked who is on the node and elsewhere, in the order in which their names count.
    ///
    /// A sidecar asks nobody; a runtime may be named later, while the agent runs.
    public var identitySources: [any IdentitySource] {
        guard !isSidecar else { return [SidecarIdentity()] }
        var sources: [any IdentitySource] = [RuntimePods(runtime)]
        if var cluster {
            cluster.node = nodeName
            sources.append(ClusterWatch(cluster))
        }
        return sources
    }
}

extension ConfigurationReader {
    /// Reads `cluster`.
    func cluster(_ keys: inout MappingReader) -> ClusterSettings? {
        var settings = ClusterSettings()
        settings.kubeconfig = keys.string("kubeconfig")
        settings.context = keys.string("context")
        settings.scope =
            keys.node("scope").flatMap { node in
                word(node, path: keys.join("scope"), allowed: ClusterSettings.Scope.allCases.map(\.rawValue))
            }.flatMap { ClusterSettings.Scope(rawValue: $0) } ?? settings.scope
        let server = keys.node("server")?.string
        if server != "auto", server != "none" {
            settings.server = keys.value("server", expected: "auto, none, or the URL of an API server") { node in
                node.string.flatMap { ClusterSettings.isServer($0) ? $0 : nil }
            }
        }
        if settings.context != nil, settings.kubeconfig == nil {
            diagnostics.error("has no meaning without kubeconfig", key: keys.join("context"), line: keys.line)
        }
        return server == "none" || !settings.isPossible ? nil : settings
    }
}
