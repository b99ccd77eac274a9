// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
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

    /// An agent without a container runtime, but with an API server: whose its metrics and events are, and who is at their
    /// other ends.
    @Suite(.serialized, .requiresRoot) struct AgentClusterTests {
        private static let yaml = """
            node: west
            runtime: {socket: none}
            cluster: {kubeconfig: KUBECONFIG}
            metrics:
              deadline: 60s
              additionalLabels: ['app=${labels:app}', 'workload=${workload:kind}/${workload:name}']
              probes: [{name: udp}, {name: packetloss}]
            event: {probes: [{name: packetloss}]}
            analysis: {enabled: false}
            """

        /// Sends three datagrams to each of the others, which the firewall drops on their way out.
        private static let traffic = """
            import socket, subprocess, sys
            subprocess.run(['nft', '-f', '-'], check=True, text=True, input='''
            add table inet t
            add chain inet t out { type filter hook output priority 0; }
            add rule inet t out udp dport 4999 drop
            ''')
            for address in sys.argv[1:]:
                s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
                for i in range(3):
                    try: s.sendto(b'x', (address, 4999))
                    except PermissionError: pass
            """

        /// Who is at each address that the pod speaks to.
        private static let others: [(address: String, peer: Peer)] = [
            ("10.7.0.2", Peer(kind: .pod, namespace: "shop", pod: "db")),
            ("fd07::2", Peer(kind: .pod, namespace: "shop", pod: "db")),
            ("198.51.100.2", Peer(kind: .node, node: "east")), ("2001:db8::2", Peer(kind: .node, node: "east")),
            ("10.96.3.4", Peer(service: "db", namespace: "shop")),
            ("203.0.113.9", Peer(service: "db", namespace: "shop")),
            ("203.0.113.10", .unknown),
        ]

        private static func agent(_ kubeconfig: String) throws -> Agent {
            let yaml = yaml.replacingOccurrences(of: "KUBECONFIG", with: kubeconfig)
            let configuration = try Configuration(yaml: yaml, file: "test.yaml")
            let readers = SharedReaders()
            let sources = configuration.identitySources
            let resolver = EntityResolver(
                node: "west", providers: sources.map(\.provider) + EntityResolver.builtInProviders,
                additionalLabels: configuration.metrics.additionalLabels)
            let agent = try Agent(
                configuration, environment: ProbeEnvironment(readers: readers),
                census: .host(resolver) { HostInventoryReader(readers: readers) }, identity: sources)
            agent.collector.waitUntilPrepared(for: .seconds(120))
            return agent
        }

        @Test func peersHaveTheirNames() throws {
            let cluster = try TestCluster()
            let web = try cluster.apply([
                ClusterManifest.pod(
                    "web-h4sh-x", in: "shop", node: "west", addresses: ["10.7.0.1", "fd07::1"],
                    labels: ["app": "front", "pod-template-hash": "h4sh"], owner: ("ReplicaSet", "web-h4sh")),
                ClusterManifest.pod("db", in: "shop", node: "east", addresses: ["10.7.0.2", "fd07::2"]),
                ClusterManifest.node("east", addresses: ["198.51.100.2", "2001:db8::2"]),
                ClusterManifest.service("db", in: "shop", addresses: ["10.96.3.4"]),
                ClusterManifest.slice("db-1", of: "db", in: "shop", endpoints: [("203.0.113.9", nil, "east")]),
            ])[0]
            let directory = try TemporaryDirectory()
            try directory.write(cluster.kubeconfig(token: TestCluster.agentToken), to: "config")
            let id = String(repeating: "5", count: 64)
            let container = try TestContainer(cgroup: "/kubepods/burstable/pod\(web.uid)/\(id)", "sleep", "100000")
            for words in [
                "link add eth0 type veth peer name far", "link set far up", "link set lo up", "link set eth0 up",
                "addr add 10.7.0.1/24 dev eth0",
                "addr add fd07::1/64 dev eth0 nodad", "route add default dev eth0", "-6 route add default dev eth0",
            ] {
                try run(
                    ["nsenter", "--target=\(container.pid)", "--net", "ip"]
                        + words.split(separator: " ").map(String.init))
            }
            let agent = try Self.agent(directory.path + "/config")
            defer { agent.stop() }
            let labels =
                #"k8s_node="west",k8s_namespace="shop",k8s_pod="web-h4sh-x",app="front",workload="Deployment/web""#
            #expect(
                eventually { agent.page.contains("kubeskoop_udp_noports{\(labels)} 0\n") }, "\(agent.status.json)"
            )
            #expect(eventually { agent.status.identity.first?.parts.allSatisfy { $0.lastAnswer > 0 } == true })

            try run(
                ["nsenter", "--target=\(container.pid)", "--net", "python3", "-c", Self.traffic]
                    + Self.others.map(\.address))
            let stream = try #require(agent.events?.stream)
            var cursor = EventCursor(stream, from: stream.oldest)
            var found: [String: UInt64] = [:]
            let isSeen = eventually {
                for case .event(let event, _) in cursor.read() ?? [] {
                    guard let tuple = event.tuple, tuple.destination.port == 4999 else { continue }
                    let address = tuple.destination.address.description
                    #expect(event.entity.podName == "web-h4sh-x")
                    #expect(event.source == Peer(kind: .pod, namespace: "shop", pod: "web-h4sh-x"))
                    #expect(event.destination == Self.others.first { $0.address == address }?.peer, "\(address)")
                    found[address, default: 0] += event.count
                }
                return found.count == Self.others.count && found.values.allSatisfy { $0 == 3 }
            }
            #expect(isSeen, "\(found)")

            let page = agent.page
            for (address, peer) in Self.others {
                let end =
                    #"dst="\#(address)",dst_type="\#(peer.kind.rawValue)",dst_node="\#(peer.node)",dst_namespace="\#(peer.namespace)","#
                    + #"dst_pod="\#(peer.pod)""#
                #expect(page.contains(end), "\(end)")
            }
            #expect(page.contains(#"skoop_identity_up{k8s_node="west",source="cluster"} 1"# + "\n"))
            for (resource, count) in [("pods", 2), ("nodes", 1), ("endpointslices", 1)] {
                let name = #"skoop_identity_objects{k8s_node="west",source="cluster",resource="\#(resource)"}"#
                #expect(page.contains("\(name) \(count)\n"))
            }
        }

        @Test func theStatusSaysWhatIsForbidden() throws {
            let cluster = try TestCluster()
            let directory = try TemporaryDirectory()
            try directory.write(cluster.kubeconfig(token: TestCluster.limitedToken), to: "config")
            let agent = try Self.agent(directory.path + "/config")
            defer { agent.stop() }
            func resources() throws -> [JSONValue] {
                let status = try JSONValue(parsing: agent.status.json.utf8)
                return status["identity"]?.elements?.first?["resources"]?.elements ?? []
            }
            #expect(
                try eventually {
                    try resources().count { $0["error"]?["reason"]?.string == "denied" } == 2
                        && resources().count { $0["mode"]?.string == "events" } == 2
                })
            let page = agent.page
            #expect(page.contains(#"skoop_identity_up{k8s_node="west",source="cluster"} 0"# + "\n"))
            #expect(page.contains(#"skoop_identity_failures_total{k8s_node="west",source="cluster",reason="denied"}"#))
        }
    }
#endif
