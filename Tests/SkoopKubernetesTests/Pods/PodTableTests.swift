// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SkoopKubernetes

struct PodTableTests {
    private static let web = Pod(
        uid: "u1", namespace: "shop", name: "web", sandbox: "s1", containers: [.init(id: "c1", name: "main")],
        created: 10, networkNamespace: "/var/run/netns/cni-1")

    @Test func findsByEveryNumberOfAPod() {
        let table = PodTable([Self.web])
        for pod in [
            table[container: "s1"], table[container: "c1"], table[uid: "u1"], table[mount: "/run/netns/cni-1"],
            table[mount: "/var/run/netns/cni-1"],
        ] {
            #expect(pod == Self.web)
        }
        #expect(table[container: "c2"] == nil && table[uid: ""] == nil && table[mount: ""] == nil)
    }

    @Test func takesTheRunningSandboxOfARestartedPod() {
        var old = Self.web
        (old.sandbox, old.created, old.isReady) = ("s0", 20, false)
        for pods in [[old, Self.web], [Self.web, old]] {
            #expect(PodTable(pods)[uid: "u1"]?.sandbox == "s1")
            #expect(PodTable(pods)[container: "s0"]?.sandbox == "s0")
        }
    }

    @Test func takesTheYoungerOfTwoThatEnded() {
        var (one, other) = (Self.web, Self.web)
        (one.isReady, other.isReady, other.created, other.sandbox) = (false, false, 30, "s2")
        #expect(PodTable([one, other])[uid: "u1"]?.sandbox == "s2")
        #expect(PodTable([other, one])[uid: "u1"]?.sandbox == "s2")
    }
}
