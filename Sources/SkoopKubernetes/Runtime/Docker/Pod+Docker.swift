// SPDX-License-Identifier: Apache-2.0
import SkoopExport

extension Pod {
    /// The pods of a list of containers, by the labels that dockershim and cri-dockerd write
    /// (`pkg/kubelet/dockershim/labels.go` of Kubernetes 1.23), in the order of their sandboxes' identifiers.
    static func pods(docker containers: [JSONValue]) -> [Pod] {
        var pods: [String: Pod] = [:]
        var containersOf: [String: [Container]] = [:]
        for entry in containers {
            guard let id = entry["Id"]?.string, case .object(let members)? = entry["Labels"] else { continue }
            var labels: [String: String] = [:]
            for (name, value) in members { labels[name] = value.string }
            guard let name = labels["io.kubernetes.pod.name"] else { continue }
            if labels["io.kubernetes.docker.type"] == "podsandbox" {
                pods[id] = Pod(
                    uid: labels["io.kubernetes.pod.uid"] ?? "", namespace: labels["io.kubernetes.pod.namespace"] ?? "",
                    name: name, labels: labels.filter { !isRuntimes($0.key) }, sandbox: id,
                    created: (entry["Created"]?.signed ?? 0) * 1_000_000_000,
                    isReady: entry["State"]?.string == "running")
            } else if let sandbox = labels["io.kubernetes.sandbox.id"] {
                containersOf[sandbox, default: []].append(
                    Container(id: id, name: labels["io.kubernetes.container.name"] ?? ""))
            }
        }
        for (sandbox, containers) in containersOf { pods[sandbox]?.containers = containers.sorted { $0.id < $1.id } }
        return pods.values.sorted { $0.sandbox < $1.sandbox }
    }

    /// Docker has one set of labels for the pod's own, those of the kubelet, of dockershim, and of the image.
    private static func isRuntimes(_ label: String) -> Bool {
        label.hasPrefix(kubeletLabels) || label.hasPrefix("annotation.")
    }
}
