// SPDX-License-Identifier: Apache-2.0

/// Pods with the ways by which they are found; a value, made anew when pods change.
public struct PodTable: Sendable {
    /// The pods, those that are gone but remembered included.
    public private(set) var pods: [Pod] = []
    private var ofContainer: [String: Int] = [:]
    private var names: [String: String] = [:]
    private var ofUID: [String: Int] = [:]
    private var ofMount: [String: Int] = [:]
    private var ofName: [String: Int] = [:]

    /// Makes an empty table.
    public init() {}

    /// Makes a table. Of several sandboxes of one pod the running one counts, then the youngest.
    public init(_ pods: [Pod]) {
        self.pods = pods
        for (position, pod) in pods.enumerated() {
            ofContainer[pod.sandbox] = position
            for container in pod.containers {
                ofContainer[container.id] = position
                names[container.id] = container.name
            }
            Self.claim(&ofUID, pod.uid, position, of: pods)
            Self.claim(&ofName, "\(pod.namespace)/\(pod.name)", position, of: pods)
            if let mount = pod.networkNamespace.flatMap(Self.mountName) {
                Self.claim(&ofMount, mount, position, of: pods)
            }
        }
    }

    private static func claim(_ table: inout [String: Int], _ key: String, _ position: Int, of pods: [Pod]) {
        guard !key.isEmpty else { return }
        if let other = table[key].map({ pods[$0] }) {
            let pod = pods[position]
            guard (pod.isReady ? 1 : 0, pod.created) > (other.isReady ? 1 : 0, other.created) else { return }
        }
        table[key] = position
    }

    /// The pod of a container or sandbox, by the runtime's whole identifier.
    public subscript(container id: String) -> Pod? { ofContainer[id].map { pods[$0] } }

    /// The name of a container within its pod, by the runtime's whole identifier; empty for a sandbox.
    public func name(ofContainer id: String) -> String? { names[id] ?? (ofContainer[id] == nil ? nil : "") }

    /// The pod of a UID.
    public subscript(uid uid: String) -> Pod? { ofUID[uid].map { pods[$0] } }

    /// The pod of a name.
    public subscript(pod name: String, in namespace: String) -> Pod? { ofName["\(namespace)/\(name)"].map { pods[$0] } }

    /// The pod whose network namespace is mounted at a path; `/run/netns` and `/var/run/netns` are one place.
    public subscript(mount path: String) -> Pod? { Self.mountName(path).flatMap { ofMount[$0] }.map { pods[$0] } }

    /// What follows the folder in which all runtimes mount namespaces.
    private static func mountName(_ path: String) -> String? {
        for folder in ["/var/run/", "/run/"] where path.hasPrefix(folder) {
            return String(path.dropFirst(folder.count))
        }
        return path.isEmpty ? nil : path
    }
}
