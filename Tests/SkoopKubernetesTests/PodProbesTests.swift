// SPDX-License-Identifier: Apache-2.0
#if Kubernetes
    import Foundation
    import SkoopAgent
    import SkoopIdentity
    import SkoopModel
    import SkoopProbes
    import SkoopTesting
    import Testing

    /// Whatever happens in a pod is the pod's, in every probe that a pod's traffic makes speak.
    @Suite(.serialized, .requiresRoot) struct PodProbesTests {
        /// All kinds of trouble in one network namespace, told from other tests' by ports 4300 to 4309.
        private static let trouble = """
            import socket, struct, subprocess, threading, time
            subprocess.run(['nft', '-f', '-'], check=True, text=True, input='''
            add table inet t
            add chain inet t in { type filter hook input priority 0; }
            add rule inet t in udp dport 4301 drop
            add rule inet t in tcp dport 4302 drop
            add rule inet t in ct state new accept
            ''')
            def refused(address, port):
                try: socket.create_connection((address, port), timeout=4)
                except OSError: pass
            for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
                udp = socket.socket(family, socket.SOCK_DGRAM)
                for port in (4300, 4301):
                    for n in range(5):
                        try: udp.sendto(b'x', (address, port))
                        except OSError: pass
                refused(address, 4303)
                # A server that resets what it accepts, after both have sent.
                server = socket.socket(family, socket.SOCK_STREAM)
                server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                server.bind((address, 4304)); server.listen()
                client = socket.create_connection((address, 4304))
                peer, _ = server.accept()
                client.send(b'x'); peer.recv(1); peer.send(b'y'); client.recv(1)
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); peer.close()
                # A name server that refuses to answer.
                names = socket.socket(family, socket.SOCK_DGRAM); names.bind((address, 53))
                asker = socket.socket(family, socket.SOCK_DGRAM)
                asker.bind((address, 4305)); asker.connect((address, 53))
                query = struct.pack('>HHHHHH', 7, 0x100, 1, 0, 0, 0) + b'\\x04test\\x00\\x00\\x01\\x00\\x01'
                asker.send(query)
                data, back = names.recvfrom(512)
                names.sendto(data[:2] + struct.pack('>H', 0x8182) + data[4:], back)
                asker.recv(512)
                refused(address, 4302)
            """

        /// By probe the metrics of which the pod must have counted something.
        private static let metrics: [String] = [
            "udp", "udp6", "tcp", "tcpext", "ip", "ip6", "icmp", "icmp6", "sockstat", "netdev", "io",
            "fd", "conntrack", "packetloss", "tcpreset", "tcpretrans", "connect", "dns", "socketlatency",
            "kernellatency",
        ]
        private static let events = ["packetloss", "tcpreset", "tcpretrans", "connect", "dns", "conntrack"]

        @Test func everyProbeNamesThePod() throws {
            let node = try NodeRuntime()
            let bench = try PodAgent(node.socket, metrics: Self.metrics, events: Self.events)
            _ = try node.run(NodeRuntime.Order("idle"))
            let web = try node.run(NodeRuntime.Order("web"))
            let process = try #require(
                try HostInventoryReader.processes.first { $0.cgroup.contains(web.sandbox) }?.pid)
            // So that what is counted between two collections has an owner at both.
            #expect(eventually { bench.sums()["web"] != nil && bench.sums()["idle"] != nil })
            try run("nsenter", "--target=\(process)", "--net", "python3", "-c", Self.trouble)

            let ports: ClosedRange<UInt16> = 4300...4309
            func isTrouble(_ event: Event) -> Bool {
                event.tuple.map { ports.contains($0.source.port) || ports.contains($0.destination.port) } ?? false
            }
            #expect(
                eventually { Set(bench.events().filter(isTrouble).map(\.type.probe)) == Set(Self.events) },
                "\(Set(bench.events().filter(isTrouble).map(\.type.probe)))")
            for event in bench.events() where isTrouble(event) {
                #expect(event.entity.podNamespace == "shop" && event.entity.podName == "web", "\(event)")
                #expect(event.source.pod == "web" && event.destination.pod == "web", "\(event)")
            }

            func speaking(_ pod: String, _ sums: [String: [Metric: UInt64]]) -> Set<String> {
                Set((sums[pod] ?? [:]).filter { $0.value > 0 }.map(\.key.probe))
            }
            #expect(
                eventually { speaking("web", bench.sums()).isSuperset(of: Self.metrics) },
                "silent: \(Set(Self.metrics).subtracting(speaking("web", bench.sums())))")
            // And nobody else has had any trouble.
            let idle = speaking("idle", bench.sums()).intersection(["udp", "tcpreset", "tcpretrans", "connect", "dns"])
            #expect(idle.isEmpty, "\(idle)")
        }

        @Test func flowsNameBothPods() throws {
            let node = try NodeRuntime()
            let bench = try PodAgent(node.socket, metrics: ["flow"])
            let (one, other) = (try node.run(NodeRuntime.Order("one")), try node.run(NodeRuntime.Order("other")))
            let process = try #require(
                try HostInventoryReader.processes.first { $0.cgroup.contains(one.sandbox) }?.pid)
            for address in other.addresses {
                // The first packets may pass before the addresses are known.
                let isSeen = try eventually {
                    try run(
                        "nsenter", "--target=\(process)", "--net", "python3", "-c",
                        """
                        import socket
                        s = socket.socket(socket.\(address.contains(":") ? "AF_INET6" : "AF_INET"), socket.SOCK_DGRAM)
                        for n in range(5): s.sendto(b'x', ('\(address)', 4330))
                        """)
                    return packets(bench, to: address).contains { $0.key == "one > other" && $0.value >= 5 }
                }
                let counts = packets(bench, to: address)
                #expect(isSeen, "\(counts)")
                let names = counts.keys.filter { $0 != "one > other" }
                #expect(names.allSatisfy { [" > ", "one > ", " > other"].contains($0) }, "\(names)")
            }
            withExtendedLifetime(one) {}
        }

        /// How many packets went to an address, by the names of both ends.
        private func packets(_ bench: borrowing PodAgent, to address: String) -> [String: UInt64] {
            let snapshot = bench.agent.collector.collect().snapshot
            var found: [String: UInt64] = [:]
            for family in snapshot.families where family.metric == FlowMetric.packets.metric {
                for row in 0..<family.count {
                    let labels = Dictionary(
                        uniqueKeysWithValues: zip(family.metric.labels.extra, family.labels(of: row)))
                    guard labels["dst"] == address, labels["protocol"]?.hasPrefix("UDP") != false else { continue }
                    found["\(labels["src_pod"] ?? "") > \(labels["dst_pod"] ?? "")", default: 0] += family.values[row]
                }
            }
            return found
        }
    }
#endif
