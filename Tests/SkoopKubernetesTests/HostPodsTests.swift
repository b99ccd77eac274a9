// SPDX-License-Identifier: Apache-2.0
#if Kubernetes
    import Glibc
    import SkoopAgent
    import SkoopEvidence
    import SkoopExport
    import SkoopKubernetes
    import SkoopSystem
    import SkoopTesting
    import Testing

    /// `skoop pods` and `skoop explain-identity` with a pod of the real containerd.
    @Suite(.serialized, .requiresRoot) struct HostPodsTests {
        private static func pods(_ socket: String) throws -> HostPods {
            var settings = RuntimePods.Settings()
            settings.socket = RuntimeSocket(path: socket, language: .cri)
            return try HostPods(runtime: settings)
        }

        @Test func tellsWhoIsHereAndWhy() throws {
            let node = try NodeRuntime()
            var order = NodeRuntime.Order("web")
            order.labels = ["app": "web"]
            let web = try node.run(order)
            let pods = try Self.pods(node.socket)

            let line = try #require(pods.text.split(separator: "\n").first { $0.contains(" web ") })
            #expect(line.hasPrefix("shop "))
            #expect(line.contains("container runtime") && line.contains("sandbox \(web.sandbox.prefix(12))"))
            for address in web.addresses { #expect(line.contains(address)) }
            #expect(pods.text.contains("\n1 pod of containerd 1."))

            let json = try JSONValue(parsing: pods.json.utf8)
            let entry = try #require(json["pods"]?.elements?.first { $0["k8s_pod"]?.string == "web" })
            #expect(entry["k8s_namespace"]?.string == "shop" && entry["kind"]?.string == "pod")
            #expect(entry["labels"]?["app"]?.string == "web" && entry["host_network"]?.flag == false)
            #expect(json["runtime"]?["error"]?["reason"] == nil && json["runtime"]?["pods"]?.unsigned == 1)

            let pid = try #require(entry["processes"]?.elements?.first?.unsigned)
            let netns = try #require(entry["netns"]?.unsigned)
            for subject in ["\(pid)", "\(netns)", "net:[\(netns)]"] + web.addresses {
                let text = try pods.explain(subject)
                #expect(text.contains("counts as          pod shop/web\n"), "\(subject): \(text)")
                #expect(text.contains("known by           container runtime: sandbox \(web.sandbox.prefix(12))"))
            }
            #expect(try pods.explain("\(getpid())").contains("counts as"))
            #expect(try pods.explain(node.namespace.name).contains("counts as          netns:\(node.namespace.name)\n"))
        }

        @Test(arguments: [
            "", "0", "99999999", "10.99.0.1", "fd99::1", "127.0.0.1", "nobody", "net:[1]", "-1", "/run/x",
        ])
        func saysWhatIsNotHere(subject: String) throws {
            let pods = try HostPods(runtime: nil)
            #expect(throws: EvidenceError.self) { try pods.explain(subject) }
        }

        @Test func saysWhyARuntimeDoesNotAnswer() throws {
            let pods = try Self.pods("/nowhere/runtime.sock")
            #expect(pods.text.hasSuffix("no container runtime answers: /nowhere/runtime.sock: there is no socket\n"))
        }
    }
#endif
