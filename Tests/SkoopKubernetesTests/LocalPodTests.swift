// SPDX-License-Identifier: Apache-2.0
#if Kubernetes
    import Foundation
    import SkoopAgent
    import SkoopAnalysis
    import SkoopEvidence
    import SkoopExport
    import SkoopIdentity
    import SkoopKubernetes
    import SkoopModel
    import SkoopProbes
    import SkoopTesting
    import Testing

    /// What the command-line tool sees of a pod of the real containerd where there is no agent.
    @Suite(.serialized, .requiresRoot) struct LocalPodTests {
        /// Datagrams that the pod's firewall drops.
        private static let traffic = """
            import socket, subprocess
            subprocess.run(['nft', '-f', '-'], check=True, text=True, input='''
            add table inet t
            add chain inet t in { type filter hook input priority 0; }
            add rule inet t in udp dport 4998 drop
            ''')
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for i in range(5): s.sendto(b'x', ('127.0.0.1', 4998))
            """

        private static func settings(_ socket: String) -> RuntimePods.Settings {
            var settings = RuntimePods.Settings()
            settings.socket = RuntimeSocket(path: socket, language: .cri)
            return settings
        }

        @Test func everyLocalCommandNamesThePod() throws {
            let node = try NodeRuntime()
            let web = try node.run(NodeRuntime.Order("web"))
            let settings = Self.settings(node.socket)

            var page: [UInt8] = []
            var notes: [String] = []
            try LocalSnapshot(["udp"], node: "here", runtime: settings)
                .write(as: .prometheus, log: { notes.append($0) }) { page += $0 }
            let labels = #"k8s_node="here",k8s_namespace="shop",k8s_pod="web""#
            #expect(String(decoding: page, as: UTF8.self).contains("kubeskoop_udp_noports{\(labels)} "))
            #expect(notes.isEmpty, "\(notes)")

            var local = try LocalAgent(metrics: [], events: ["packetloss"], runtime: settings)
            var reader = HostInventoryReader(readers: SharedReaders())
            let process = try #require(try reader.read().processes.first { $0.cgroup.contains(web.sandbox) })
            try run("nsenter", "--target=\(process.pid)", "--net", "python3", "-c", Self.traffic)
            var lost: UInt64 = 0
            let isSeen = eventually {
                for event in local.events().events where event.tuple?.destination.port == 4998 {
                    #expect(event.entity.podNamespace == "shop" && event.entity.podName == "web")
                    lost += event.count
                }
                return lost == 5
            }
            #expect(isSeen, "\(lost) of 5")

            var evidence = Evidence()
            var watch = LocalWatch(for: .milliseconds(400), every: .milliseconds(200), node: "here")
            watch.runtime = settings
            try watch.add(to: &evidence, EvidenceRequest(metrics: [UDPMetric.noports.metric], events: []))
            #expect(evidence.entities.contains { $0.entity.podNamespace == "shop" && $0.entity.podName == "web" })
            #expect(evidence.gaps.isEmpty, "\(evidence.gaps)")
        }

        @Test func saysWhyPodsHaveNoNames() throws {
            var notes: [String] = []
            let settings = Self.settings("/nowhere/runtime.sock")
            try LocalSnapshot(["udp"], runtime: settings).write(as: .prometheus, log: { notes.append($0) }) { _ in }
            #expect(
                notes == [
                    "no container runtime answers, pods have no names: /nowhere/runtime.sock: there is no socket"
                ])
            let directory = try TemporaryDirectory()
            let mute = try TestProcess(
                "python3", "-c",
                "import socket, sys, time; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); "
                    + "time.sleep(600)", directory.path + "/mute.sock")
            #expect(eventually { FileManager.default.fileExists(atPath: directory.path + "/mute.sock") })
            var evidence = Evidence()
            var watch = LocalWatch(for: .milliseconds(200), every: .milliseconds(100))
            watch.runtime = Self.settings(directory.path + "/mute.sock")
            try watch.add(to: &evidence, EvidenceRequest(metrics: [UDPMetric.noports.metric], events: []))
            #expect(evidence.gaps.contains { $0.contains("container runtime") && $0.contains("pods have no names") })
            withExtendedLifetime(mute.pid) {}
        }
    }
#endif
