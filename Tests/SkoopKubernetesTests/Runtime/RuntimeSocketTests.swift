// SPDX-License-Identifier: Apache-2.0
import SkoopSystem
import SkoopTesting
import Testing

@testable import SkoopKubernetes

struct RuntimeSocketTests {
    @Test(arguments: [
        ("/run/containerd/containerd.sock", RuntimeSocket.Language.cri),
        ("unix:///run/crio/crio.sock", .cri), ("unix:///run/docker.sock", .docker), ("/host/run/docker.sock", .docker),
        ("/run/cri-dockerd.sock", .cri),
    ]) func readsWhatOperatorsWrite(text: String, language: RuntimeSocket.Language) throws {
        let socket = try #require(RuntimeSocket(text))
        #expect(socket.language == language)
        #expect(text.hasSuffix(socket.path) && socket.path.hasPrefix("/"))
    }

    @Test(arguments: ["", "run/x.sock", "/", "tcp://10.0.0.1:2375", "unix://"])
    func refusesWhatIsNoPath(text: String) { #expect(RuntimeSocket(text) == nil) }

    @Test func findsTheOnesThatExistBelowARoot() throws {
        let directory = try TemporaryDirectory()
        let root = directory.path
        #expect(RuntimeSocket.candidates(wanted: nil, roots: ["/nowhere", root]).isEmpty)
        try run("mkdir", "-p", "\(root)/run/crio", "\(root)/run/containerd")
        try directory.write("no socket", to: "run/docker.sock")
        for name in ["run/containerd/containerd.sock", "run/crio/crio.sock"] {
            let program = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"
            try run("python3", "-c", program, "\(root)/\(name)")
        }
        #expect(
            RuntimeSocket.candidates(wanted: nil, roots: ["/nowhere", root]).map(\.path) == [
                "\(root)/run/crio/crio.sock", "\(root)/run/containerd/containerd.sock",
            ])
        let wanted = RuntimeSocket(path: "/nowhere", language: .cri)
        #expect(RuntimeSocket.candidates(wanted: wanted, roots: [root]) == [wanted])
    }
}
