// SPDX-License-Identifier: Apache-2.0
#if Kubernetes
    import SkoopKubernetes
    import SkoopModel
    import SkoopTesting
    import Testing

    /// Whose events are when containerd makes a hundred pods as fast as it can, each of which lives for a moment.
    ///
    /// Takes the whole machine, so it runs by itself.
    @Suite(.serialized, .requiresRoot) struct PodCrowdTests {
        @Test(arguments: NodeRuntime.Version.all)
        func aHundredPodsAtOnceHaveTheirOwnEvents(version: NodeRuntime.Version) throws {
            let count = 100
            let node = try NodeRuntime(version)
            let bench = try PodAgent(node.socket, metrics: ["tcpreset"], events: ["tcpreset"])
            let orders = (0..<count).map { number in
                var order = NodeRuntime.Order("pod-\(number)")
                order.containers = ["main": PodLifeTests.refusals(5000 + number, then: "sleep 0.2")]
                return order
            }
            let made = try node.run(orders)
            for number in 0..<count {
                let port = UInt16(5000 + number)
                #expect(eventually { bench.events(at: port).count >= 8 }, "pod-\(number)")
                let names = PodLifeTests.names(bench.events(at: port))
                #expect(Set(names.keys) == ["shop/pod-\(number)"], "\(names) \(bench.source.status)")
            }
            for pod in made { try node.remove(pod) }
        }
    }
#endif
