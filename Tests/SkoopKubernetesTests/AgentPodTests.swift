// SPDX-License-Identifier: Apache-2.0
#if Kubernetes
    import Foundation
    import SkoopAgent
    import SkoopEvents
    import SkoopExport
    import SkoopIdentity
    import SkoopKubernetes
    import SkoopModel
    import SkoopProbes
    import SkoopTesting
    import Testing

    /// An agent on a node with the real containerd: whose its metrics and events are.
    @Suite(.serialized, .requiresRoot) struct AgentPodTests {
        private static let yaml = """
            node: bench
            metrics:
              deadline: 60s
              additionalLabels: ['app=${labels:app}']
              probes: [{name: udp}, {name: io}]
            event: {probes: [{name: packetloss}]}
            analysis: {enabled: false}
            """

        /// Sends so many datagrams to a port at which nobody listens, and as many that its firewall drops.
        private static let traffic = """
            import socket, subprocess
            subprocess.run(['nft', '-f', '-'], check=True, text=True, input='''
            add table inet t
            add chain inet t in { type filter hook input priority 0; }
            add rule inet t in udp dport 4999 drop
            ''')
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for i in range(7):
                s.sendto(b'x', ('127.0.0.1', 9))
                s.sendto(b'x', ('127.0.0.1', 4999))
            """

        @Test func metricsAndEventsAreThePods() throws {
            let node = try NodeRuntime()
            var settings = RuntimePods.Settings()
            settings.socket = RuntimeSocket(path: node.socket, language: .cri)
            let source = RuntimePods(settings)
            let configuration = try Configuration(yaml: Self.yaml, file: "test.yaml")
            let readers = SharedReaders()
            let resolver = EntityResolver(
                node: "bench", providers: [source.provider] + EntityResolver.builtInProviders,
                additionalLabels: configuration.metrics.additionalLabels)
            let agent = try Agent(
                configuration, environment: ProbeEnvironment(readers: readers),
                census: .host(resolver) { HostInventoryReader(readers: readers) }, identity: [source])
            defer { agent.stop() }
            agent.collector.waitUntilPrepared(for: .seconds(120))

            var order = NodeRuntime.Order("web")
            order.labels = ["app": "front"]
            let web = try node.run(order)
            let labels = #"k8s_node="bench",k8s_namespace="shop",k8s_pod="web",app="front""#
            #expect(eventually { agent.page.contains("kubeskoop_udp_noports{\(labels)} 0\n") })
            #expect(agent.page.contains("kubeskoop_io_"))

            var reader = HostInventoryReader(readers: SharedReaders())
            let process = try #require(try reader.read().processes.first { $0.cgroup.contains(web.sandbox) })
            try run("nsenter", "--target=\(process.pid)", "--net", "python3", "-c", Self.traffic)
            let page = agent.page
            #expect(page.contains("kubeskoop_udp_noports{\(labels)} 7\n"))
            #expect(page.contains("skoop_identity_up{k8s_node=\"bench\",source=\"runtime\"} 1\n"))
            #expect(page.contains("skoop_identity_pods{k8s_node=\"bench\",source=\"runtime\"} 1\n"))

            let stream = try #require(agent.events?.stream)
            var cursor = EventCursor(stream, from: stream.oldest)
            var lost: UInt64 = 0
            let isSeen = eventually {
                for case .event(let event, _) in cursor.read() ?? [] {
                    guard event.tuple?.destination.port == 4999 else { continue }
                    #expect(event.entity.podNamespace == "shop" && event.entity.podName == "web")
                    lost += event.count
                }
                return lost == 7
            }
            #expect(isSeen, "\(lost) of 7")
        }
    }
#endif
