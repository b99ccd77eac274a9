// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import Testing

@testable import SkoopKubernetes

/// Lists in the form of the Engine API 1.41 with the labels of dockershim, cut to what is read.
struct DockerPodsTests {
    @Test func joinsContainersWithTheirSandboxes() throws {
        let list = try JSONValue(
            parsing: """
                [{"Id": "c1", "Created": 1700000001, "State": "running", "Labels": {
                   "io.kubernetes.container.name": "main", "io.kubernetes.docker.type": "container",
                   "io.kubernetes.pod.name": "web", "io.kubernetes.pod.namespace": "shop",
                   "io.kubernetes.sandbox.id": "s1"}},
                 {"Id": "s1", "Created": 1700000000, "State": "running", "Labels": {
                   "annotation.kubernetes.io/config.source": "api", "app": "web",
                   "io.kubernetes.docker.type": "podsandbox", "io.kubernetes.pod.name": "web",
                   "io.kubernetes.pod.namespace": "shop", "io.kubernetes.pod.uid": "u1"}},
                 {"Id": "x", "State": "running", "Labels": {"maintainer": "somebody"}},
                 {"Id": "y", "State": "running"}, {"Labels": {}}, 7]
                """.utf8)
        let pods = Pod.pods(docker: try #require(list.elements))
        #expect(
            pods == [
                Pod(
                    uid: "u1", namespace: "shop", name: "web", labels: ["app": "web"], sandbox: "s1",
                    containers: [.init(id: "c1", name: "main")], created: 1_700_000_000_000_000_000)
            ])
    }
}
