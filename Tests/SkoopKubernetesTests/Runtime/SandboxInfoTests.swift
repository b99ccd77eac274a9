// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import Testing

@testable import SkoopKubernetes

struct SandboxInfoTests {
    @Test(
        arguments: [
            ([:], nil),
            (["info": "{}"], nil),
            (["info": #"{"runtimeSpec": {"linux": {"namespaces": [{"type": "pid"}, {"type": "network"}]}}}"#], nil),
            (
                [
                    "info":
                        #"{"runtimeSpec": {"linux": {"namespaces": [{"type": "network", "path": "/var/run/netns/cni-1"}]}}}"#
                ],
                "/var/run/netns/cni-1"
            ),
        ] as [([String: String], String?)]) func findsTheNetworkNamespace(info: [String: String], path: String?) throws
    {
        #expect(try SandboxInfo.networkNamespace(in: info) == path)
    }

    @Test(arguments: ["{", "[1", "\u{1}", "{\"runtimeSpec\": }"])
    func refusesWhatIsNoJSON(text: String) {
        #expect(throws: IdentityStatus.Failure.self) { try SandboxInfo.networkNamespace(in: ["info": text]) }
    }
}
