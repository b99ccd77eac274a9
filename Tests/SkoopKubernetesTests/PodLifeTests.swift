// SPDX-License-Identifier: Apache-2.0
#if Kubernetes
    import Foundation
    import SkoopIdentity
    import SkoopModel
    import SkoopProbes
    import SkoopTesting
    import Testing

    /// Whose events and metrics are while pods of the real containerd come, go, and leave what they had to others.
    @Suite(.serialized, .requiresRoot) struct PodLifeTests {
        /// Connects to a port of the pod's own where nobody listens, then lives for a moment.
        static func refusals(_ port: Int, then end: String) -> [String] {
            ["/bin/sh", "-c", "for i in 1 2 3; do nc 127.0.0.1 \(port); done; nc ::1 \(port); \(end)"]
        }

        static func names(_ events: [Event]) -> [String: Int] {
            events.reduce(into: [:]) { $0["\($1.entity.podNamespace)/\($1.entity.podName)", default: 0] += 1 }
        }

        /// Pods that are gone before anybody asks, one after the other and several at once, and what they leave.
        @Test func aPodOf200MillisecondsHasItsName() throws {
            let node = try NodeRuntime()
            let bench = try PodAgent(node.socket, metrics: ["tcpreset", "io"], events: ["tcpreset", "connect"])
            for number in 0..<4 {
                var order = NodeRuntime.Order("short-\(number)")
                order.containers = ["main": Self.refusals(4100 + number, then: "sleep 0.2")]
                let pod = try node.run(order)
                try node.remove(pod, isEnding: true)
            }
            for number in 0..<4 {
                let port = UInt16(4100 + number)
                #expect(eventually { bench.events(at: port).count >= 8 }, "\(Self.names(bench.events(at: port)))")
                let found = bench.events(at: port)
                #expect(Set(Self.names(found).keys) == ["shop/short-\(number)"], "\(found)")
                #expect(Set(found.map(\.type.probe)) == ["tcpreset", "connect"])
                #expect(found.allSatisfy { $0.source.pod == order(number) && $0.destination.pod == order(number) })
            }
            func order(_ number: Int) -> String { "short-\(number)" }
        }

        /// What was counted for a pod in eBPF programs and for its processes is asked for when it is no more.
        @Test func aPodThatIsGoneStillHasItsCounters() throws {
            let node = try NodeRuntime()
            let bench = try PodAgent(node.socket, metrics: ["tcpreset", "io"])
            var order = NodeRuntime.Order("short")
            order.containers["main"] = [
                "/bin/sh", "-c",
                "dd if=/dev/zero of=/dev/null bs=1 count=5000; for i in 1 2 3; do nc 127.0.0.1 4110; done",
            ]
            let pod = try node.run(order)
            try node.remove(pod, isEnding: true)
            func sum(_ metric: Metric) -> UInt64? { bench.sums()["short"]?[metric] }
            #expect(eventually { sum(TCPResetMetric.resets.metric) ?? 0 >= 3 }, "\(bench.sums()["short"] ?? [:])")
            #expect(sum(IOMetric.writesyscall.metric) ?? 0 >= 5000)
        }

        @Test func initContainersSidecarsAndAllProcessesAreThePod() throws {
            let node = try NodeRuntime()
            let bench = try PodAgent(node.socket, metrics: ["fd", "io"], events: ["tcpreset"])
            func writes(_ count: Int) -> String { "dd if=/dev/zero of=/dev/null bs=1 count=\(count)" }
            var order = NodeRuntime.Order("web")
            order.inits = ["init": Self.refusals(4120, then: writes(3000))]
            order.containers = [
                "main": ["/bin/sh", "-c", "(\(writes(4000)); sleep 1000) & (\(writes(5000)); sleep 1000)"],
                "side": ["/bin/sh", "-c", "sleep 1000 3</dev/null 4</dev/null & nc 127.0.0.1 4121; sleep 1000"],
            ]
            let web = try node.run(order)
            #expect(eventually { bench.events(at: 4121).count >= 2 && bench.events(at: 4120).count >= 8 })
            let events = bench.events(at: 4120) + bench.events(at: 4121)
            #expect(Set(Self.names(events).keys) == ["shop/web"], "\(events)")

            // The witness lists the processes of all control groups of the pod.
            func processes() throws -> [Int] {
                try HostInventoryReader.processes.filter { $0.cgroup.contains(order.uid) }.map { Int($0.pid) }
            }
            #expect(try eventually { try processes().count >= 5 })
            func descriptors() throws -> UInt64 {
                try processes().reduce(0) { sum, pid in
                    sum + UInt64(try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count)
                }
            }
            let all = try descriptors()
            #expect(all >= 17)
            #expect(try eventually { try bench.sums()["web"]?[FDMetric.openfd.metric] == descriptors() })
            let written = try #require(bench.sums()["web"]?[IOMetric.writesyscall.metric])
            #expect(written >= 12_000 && written < 14_000, "\(written)")
            #expect(web.containers.count == 3)
        }

        /// One row for each container where that is asked for, with the names of the pod's specification.
        @Test func containersHaveRowsOfTheirOwnWhereThatIsWanted() throws {
            let node = try NodeRuntime()
            let argument = "args: {containerLabel: true}"
            let bench = try PodAgent(node.socket, metrics: ["fd, \(argument)", "io, \(argument)"])
            func writes(_ count: Int) -> [String] {
                ["/bin/sh", "-c", "dd if=/dev/zero of=/dev/null bs=1 count=\(count); sleep 1000"]
            }
            var order = NodeRuntime.Order("web")
            order.inits = ["init": ["/bin/sh", "-c", "dd if=/dev/zero of=/dev/null bs=1 count=3000"]]
            order.containers = ["main": writes(4000), "side": writes(5000)]
            _ = try node.run(order)
            let expected = ["init": 3000, "main": 4000, "side": 5000] as [String: UInt64]
            let isCounted = eventually {
                let counts = bench.containers(of: "web", IOMetric.writesyscall.metric)
                return expected.allSatisfy { counts[$0.key, default: 0] >= $0.value }
            }
            let counts = bench.containers(of: "web", IOMetric.writesyscall.metric)
            #expect(isCounted && counts.allSatisfy { $0.value < (expected[$0.key] ?? 0) + 1000 }, "\(counts)")
            let open = bench.containers(of: "web", FDMetric.openfd.metric)
            #expect(Set(open.keys) == ["main", "side", ""] && open.allSatisfy { $0.value > 2 }, "\(open)")
        }

        @Test func podsOnTheNodesNetworkHaveTheirProcesses() throws {
            let node = try NodeRuntime(isInNodesNetwork: true)
            let bench = try PodAgent(node.socket, metrics: ["fd", "io"])
            func order(_ name: String, _ end: String) -> NodeRuntime.Order {
                var order = NodeRuntime.Order(name)
                order.host = true
                order.containers = [
                    "main": ["/bin/sh", "-c", "dd if=/dev/zero of=/dev/null bs=1 count=5000; \(end)"]
                ]
                return order
            }
            let long = try node.run(order("long", "sleep 1000"))
            let short = try node.run(order("short", "sleep 0.2"))
            try node.remove(short, isEnding: true)
            for name in ["long", "short"] {
                #expect(
                    eventually { bench.sums()[name]?[IOMetric.writesyscall.metric] ?? 0 >= 5000 },
                    "\(name): \(bench.sums()[name] ?? [:])")
            }
            #expect(bench.sums()["long"]?[FDMetric.openfd.metric] ?? 0 > 0)
            #expect(bench.sums()["short"]?[FDMetric.openfd.metric] == nil)
            try node.remove(long)
        }

        /// A pod goes, and another one gets its address: the ends of packets are named by time.
        @Test func anAddressThatIsAnothersIsNamedByTime() throws {
            let node = try NodeRuntime()
            let bench = try PodAgent(node.socket, events: ["connect"])
            let client = try node.run(NodeRuntime.Order("client"))
            let process = try #require(
                try HostInventoryReader.processes.first { $0.cgroup.contains(client.sandbox) }?.pid)
            func connect(to address: String, _ port: Int) throws {
                try run(
                    "nsenter", "--target=\(process)", "--net", "python3", "-c",
                    """
                    import socket
                    try: socket.create_connection(('\(address)', \(port)), timeout=5)
                    except OSError: pass
                    """)
            }
            let first = try node.run(NodeRuntime.Order("first"))
            var port = 4200
            /// Connects until the address is the pod's, and gives the names that it had until then.
            func ask(_ address: String, until name: String) throws -> Set<String> {
                var seen: Set<String> = []
                let isNamed = try eventually {
                    port += 1
                    try connect(to: address, port)
                    guard eventually({ !bench.events(at: UInt16(port)).isEmpty }) else { return false }
                    let events = bench.events(at: UInt16(port))
                    #expect(events.allSatisfy { $0.entity.podName == "client" && $0.source.pod == "client" })
                    seen.formUnion(events.map(\.destination.pod))
                    return events.contains { $0.destination.pod == name }
                }
                #expect(isNamed, "\(seen)")
                return seen
            }
            for address in first.addresses {
                #expect(try ask(address, until: "first").subtracting(["first", ""]).isEmpty)
            }
            try node.remove(first)
            try node.forgetAddresses()
            let second = try node.run(NodeRuntime.Order("second"))
            #expect(second.addresses == first.addresses)
            for address in second.addresses {
                #expect(try ask(address, until: "second").subtracting(["second", ""]).isEmpty)
            }
        }
    }

    extension HostInventoryReader {
        /// The processes that live now.
        static var processes: [HostProcess] {
            get throws {
                var reader = HostInventoryReader(required: .procfs)
                return try reader.read().processes
            }
        }
    }
#endif
