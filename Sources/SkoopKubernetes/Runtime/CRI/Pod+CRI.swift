// SPDX-License-Identifier: Apache-2.0
#if Kubernetes
    extension Pod {
        /// The pods of a runtime's two lists, in the order of their sandboxes' identifiers.
        ///
        /// A sandbox without the kubelet's name of a pod is left out: somebody else uses the runtime.
        static func pods(_ sandboxes: [CRIPodSandbox], _ containers: [CRIContainer]) -> [Pod] {
            var containersOf: [String: [Container]] = [:]
            for container in containers {
                containersOf[container.podSandboxID, default: []].append(
                    Container(id: container.id, name: container.metadata.name))
            }
            return sandboxes.compactMap { sandbox -> Pod? in
                guard !sandbox.id.isEmpty, !sandbox.metadata.name.isEmpty else { return nil }
                return Pod(
                    uid: sandbox.metadata.uid, namespace: sandbox.metadata.namespace, name: sandbox.metadata.name,
                    labels: sandbox.labels.filter { !$0.key.hasPrefix(kubeletLabels) }, sandbox: sandbox.id,
                    containers: (containersOf[sandbox.id] ?? []).sorted { $0.id < $1.id }, created: sandbox.createdAt,
                    isReady: sandbox.state == .sandboxReady)
            }.sorted { $0.sandbox < $1.sandbox }
        }
    }
#endif
