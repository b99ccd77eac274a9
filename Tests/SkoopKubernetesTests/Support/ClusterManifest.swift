// SPDX-License-Identifier: Apache-2.0

/// Objects of the Kubernetes API in JSON, to be made by ``TestCluster/apply(_:)-([String])``.
enum ClusterManifest {
    /// A node with the addresses of its interfaces.
    static func node(_ name: String, addresses: [String], labels: [String: String] = [:]) -> String {
        let list = addresses.map { #"{"type": "InternalIP", "address": "\#($0)"}"# }
        return """
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "\(name)", "labels": \(map(labels))},
             "status": {"addresses": [\(list.joined(separator: ", ")), {"type": "Hostname", "address": "\(name)"}],
              "nodeInfo": {"architecture": "amd64", "bootID": "", "containerRuntimeVersion": "containerd://1.6.20",
               "kernelVersion": "6.1.0", "kubeProxyVersion": "v1.30.0", "kubeletVersion": "v1.30.0", "machineID": "",
               "operatingSystem": "linux", "osImage": "Debian", "systemUUID": ""}}}
            """
    }

    /// A pod with its addresses; without any it is for a kubelet to say.
    ///
    /// - Parameter owner: the kind and name of what controls it.
    static func pod(
        _ name: String, in namespace: String = "default", node: String, addresses: [String]? = nil,
        labels: [String: String] = [:], isOnHostNetwork: Bool = false, phase: String = "Running",
        owner: (kind: String, name: String)? = nil
    ) -> String {
        let owners = owner.map { owner in
            """
            {"apiVersion": "\(owner.kind == "Node" ? "v1" : owner.kind == "Job" ? "batch/v1" : "apps/v1")",
             "kind": "\(owner.kind)", "name": "\(owner.name)", "uid": "a7f1c7f0-5f5b-4a0c-9f3e-0d5a3b6f2c11",
             "controller": true, "blockOwnerDeletion": true}
            """
        }
        let status = addresses.map { addresses in
            """
            , "status": {"phase": "\(phase)", "podIP": "\(addresses.first ?? "")",
              "podIPs": [\(addresses.map { #"{"ip": "\#($0)"}"# }.joined(separator: ", "))],
              "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
            """
        }
        return """
            {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "\(name)", "namespace": "\(namespace)", "labels": \(map(labels)),
              "annotations": {"example.com/configuration": "\(String(repeating: "long and of no use here; ", count: 8))"},
              "ownerReferences": [\(owners ?? "")]},
             "spec": {"nodeName": "\(node)", "hostNetwork": \(isOnHostNetwork), "automountServiceAccountToken": false,
              "terminationGracePeriodSeconds": 1,
              "containers": [{"name": "main", "image": "local.test/tools:1", "imagePullPolicy": "Never",
               "command": ["/bin/sleep", "100000"], "env": [{"name": "GREETING", "value": "hello"}]}]}
             \(status ?? "")}
            """
    }

    /// A service with its own addresses; with none it is headless. In 10.96.0.0/16 and fd96::/108.
    static func service(
        _ name: String, in namespace: String = "default", addresses: [String], ports: [UInt16] = [80],
        external: [String] = []
    ) -> String {
        let quoted = addresses.map { "\"\($0)\"" }
        let families = addresses.map { $0.contains(":") ? "\"IPv6\"" : "\"IPv4\"" }
        return """
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "\(name)", "namespace": "\(namespace)"},
             "spec": {"type": "ClusterIP", "selector": {"app": "\(name)"},
              "externalIPs": [\(external.map { "\"\($0)\"" }.joined(separator: ", "))],
              "clusterIP": \(quoted.first ?? "\"None\""),
              "clusterIPs": [\(quoted.isEmpty ? "\"None\"" : quoted.joined(separator: ", "))],
              \(families.isEmpty ? "" : #""ipFamilies": [\#(families.joined(separator: ", "))],"#)
              "ipFamilyPolicy": "\(addresses.count > 1 ? "RequireDualStack" : "SingleStack")",
              "ports": [\(ports.map { #"{"name": "p\#($0)", "protocol": "TCP", "port": \#($0), "targetPort": \#($0)}"# }
                .joined(separator: ", "))]}}
            """
    }

    /// A slice of a service's endpoints in the form of `discovery.k8s.io/v1`; where only v1beta1 is served it becomes that.
    ///
    /// - Parameter endpoints: addresses with the pods that have them, when there are pods, and their nodes.
    static func slice(
        _ name: String, of service: String, in namespace: String = "default", isIPv6: Bool = false,
        endpoints: [(address: String, pod: String?, node: String)], isReady: Bool = true, ports: [UInt16] = [80]
    ) -> String {
        let list = endpoints.map { endpoint in
            let target = endpoint.pod.map {
                #""targetRef": {"kind": "Pod", "name": "\#($0)", "namespace": "\#(namespace)"},"#
            }
            return """
                {"addresses": ["\(endpoint.address)"], \(target ?? "") "nodeName": "\(endpoint.node)",
                 "conditions": {"ready": \(isReady)}}
                """
        }
        return """
            {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "\(isIPv6 ? "IPv6" : "IPv4")",
             "metadata": {"name": "\(name)", "namespace": "\(namespace)",
              "labels": {"kubernetes.io/service-name": "\(service)"}},
             "endpoints": [\(list.joined(separator: ", "))],
             "ports": [\(ports.map { #"{"name": "p\#($0)", "protocol": "TCP", "port": \#($0)}"# }
                .joined(separator: ", "))]}
            """
    }

    private static func map(_ labels: [String: String]) -> String {
        "{" + labels.map { "\"\($0)\": \"\($1)\"" }.sorted().joined(separator: ", ") + "}"
    }
}
