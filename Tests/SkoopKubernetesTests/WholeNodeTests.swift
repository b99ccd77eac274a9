// SPDX-License-Identifier: Apache-2.0
#if Kubernetes
    import Foundation
    import SkoopAgent
    import SkoopEvents
    import SkoopExport
    import SkoopIdentity
    import SkoopModel
    import SkoopProbes
    import SkoopTesting
    import Testing

    @testable import SkoopKubernetes

    /// An agent on a whole node of a cluster: kube-apiserver, etcd, kubelet, containerd and runc are the real ones.
    @Suite(.serialized, .requiresRoot, .requiresKubelet) struct WholeNodeTests {
        private static let yaml = """
            node: bench
            metrics:
              deadline: 60s
              additionalLabels: ['app=${labels:app}']
              probes: [{name: udp}, {name: flow}]
            event: {probes: [{name: packetloss}]}
            analysis: {enabled: false}
            """

        /// Sends so many datagrams to each of the addresses, and as many that the firewall takes away on their way out.
        private static let traffic = """
            import socket, subprocess, sys
            subprocess.run(['nft', '-f', '-'], check=True, text=True, input='''
            add table inet t
            add chain inet t out { type filter hook output priority 0; }
            add rule inet t out udp dport 4999 drop
            ''')
            for address in sys.argv[1:]:
                s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
                for i in range(7):
                    s.sendto(b'x', (address, 9))
                    try:
                        s.sendto(b'x', (address, 4999))
                    except PermissionError:
                        pass
            """

        /// The addresses of a pod when the kubelet has said that it runs.
        private static func addresses(of name: String, _ cluster: TestCluster) throws -> [String] {
            struct Pod: Decodable {
                struct Status: Decodable {
                    struct Address: Decodable { var ip: String }
                    var phase: String?
                    var podIPs: [Address]?
                }
                var status: Status
            }
            var found: [String] = []
            let isRunning = try eventually {
                let path = "/api/v1/namespaces/shop/pods/\(name)"
                let text = try TestClusterTests.curl(cluster, path, token: TestCluster.adminToken).body
                let status = try JSONDecoder().decode(Pod.self, from: Data(text.utf8)).status
                found = (status.podIPs ?? []).map(\.ip)
                return status.phase == "Running" && !found.isEmpty
            }
            #expect(isRunning, "pod \(name) does not run")
            return found
        }

        @Test func trafficIsNamedByWhatTheAPIServerSays() throws {
            let cluster = try TestCluster(.real)
            let node = try NodeRuntime()
            try cluster.startNode("bench", runtime: node.socket)
            defer { try? cluster.endNodes() }
            let made = try cluster.apply([
                ClusterManifest.pod("client", in: "shop", node: "bench", labels: ["app": "load"]),
                ClusterManifest.pod("web", in: "shop", node: "bench", labels: ["app": "front"]),
                ClusterManifest.pod("far", in: "depot", node: "other", addresses: ["10.99.0.9", "fd99::9"]),
                ClusterManifest.service("db", in: "depot", addresses: ["10.96.7.7"]),
            ])
            let web = try Self.addresses(of: "web", cluster)
            _ = try Self.addresses(of: "client", cluster)

            var runtime = RuntimePods.Settings()
            runtime.socket = RuntimeSocket(path: node.socket, language: .cri)
            let account = try TemporaryDirectory()
            try account.write(cluster.kubeconfig(token: cluster.accountToken()), to: "kubeconfig")
            var settings = ClusterSettings()
            settings.kubeconfig = account.path + "/kubeconfig"
            settings.node = "bench"
            let destinations: [(address: String, peer: Peer)] =
                web.map { ($0, Peer(kind: .pod, namespace: "shop", pod: "web")) } + [
                    ("10.99.0.9", Peer(kind: .pod, namespace: "depot", pod: "far")),
                    ("fd99::9", Peer(kind: .pod, namespace: "depot", pod: "far")),
                    ("10.96.7.7", Peer(service: "db", namespace: "depot")),
                ]
            // With the container runtime, and by what the API server says alone.
            for sources: [any IdentitySource] in [
                [RuntimePods(runtime), ClusterWatch(settings)], [ClusterWatch(settings)],
            ] {
                try check(sources, client: made[0].uid, destinations)
            }
        }

        @Test func manifestsAreTaken() throws {
            let cluster = try TestCluster(.real)
            let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
            let made = try cluster.apply(manifests: root.appending(path: "Examples/Agent/manifests").path())
            #expect(made.count >= 7)
            try cluster.delete("DaemonSet", "skoop-agent", in: "skoop")
        }

        /// Sends from the pod with an identifier, and looks at whose metrics, flows and events an agent takes that for.
        private func check(
            _ sources: [any IdentitySource], client uid: String, _ destinations: [(address: String, peer: Peer)]
        ) throws {
            let configuration = try Configuration(yaml: Self.yaml, file: "test.yaml")
            let readers = SharedReaders()
            let resolver = EntityResolver(
                node: "bench", providers: sources.map(\.provider) + EntityResolver.builtInProviders,
                additionalLabels: configuration.metrics.additionalLabels)
            let agent = try Agent(
                configuration, environment: ProbeEnvironment(readers: readers),
                census: .host(resolver) { HostInventoryReader(readers: readers) }, identity: sources)
            defer { agent.stop() }
            agent.collector.waitUntilPrepared(for: .seconds(120))
            let labels = #"k8s_node="bench",k8s_namespace="shop",k8s_pod="web",app="front""#
            #expect(eventually { agent.page.contains("kubeskoop_udp_noports{\(labels)}") })
            let before = agent.page
            for source in sources {
                #expect(before.contains("skoop_identity_up{k8s_node=\"bench\",source=\"\(source.name)\"} 1\n"))
            }

            var reader = HostInventoryReader(readers: SharedReaders())
            let process = try #require(try reader.read().processes.first { $0.cgroup.contains("pod\(uid)/") })
            try run(
                ["nsenter", "--target=\(process.pid)", "--net", "python3", "-c", Self.traffic]
                    + destinations.map(\.address))
            let page = agent.page
            for (address, peer) in destinations {
                let flow = """
                    kubeskoop_flow_packets{protocol="UDP",
                    """
                // The bridge is in a namespace of its own here: what leaves by it passes two that are not the node's.
                let count = peer.pod == "web" ? 7 : 14
                let ends = """
                    src_namespace="shop",src_pod="client",dst="\(address)",dst_type="\(peer.kind.rawValue)",\
                    dst_node="",dst_namespace="\(peer.namespace)",dst_pod="\(peer.pod)",sport="0",dport="0"} \(count)
                    """
                let isThere = page.split(separator: "\n").contains { $0.hasPrefix(flow) && $0.hasSuffix(ends) }
                #expect(isThere, "\(ends)\n\(page.split(separator: "\n").filter { $0.hasPrefix(flow) })")
            }

            let stream = try #require(agent.events?.stream)
            var cursor = EventCursor(stream, from: stream.oldest)
            var lost: [String: (peers: Set<Peer>, count: UInt64)] = [:]
            let isSeen = eventually {
                for case .event(let event, _) in cursor.read() ?? [] {
                    guard let end = event.tuple?.destination, end.port == 4999 else { continue }
                    #expect(event.entity.podNamespace == "shop" && event.entity.podName == "client")
                    #expect(event.source == Peer(kind: .pod, namespace: "shop", pod: "client"))
                    lost[end.address.description, default: ([], 0)].peers.insert(event.destination)
                    lost[end.address.description]?.count += event.count
                }
                return lost.count == destinations.count && lost.values.allSatisfy { $0.count == 7 }
            }
            #expect(isSeen, "\(lost)")
            for (address, peer) in destinations { #expect(lost[address]?.peers == [peer]) }
        }
    }

    extension Trait where Self == ConditionTrait {
        /// Runs the test only where there is a kubelet, or where all is to be real.
        fileprivate static var requiresKubelet: Self {
            .enabled(
                if: (try? TestTools.clusterProgram("kubelet")) != nil || TestCluster.kind == .real,
                "no kubelet: scripts/build-cluster.sh builds it")
        }
    }
#endif
