// SPDX-License-Identifier: Apache-2.0
#if Kubernetes
    import Glibc
    import SkoopIdentity
    import SkoopModel
    import SkoopProbes
    import SkoopTesting
    import Testing

    @testable import SkoopKubernetes

    /// Pods of the real containerd (Debian's 1.6, and 1.7 where it can be had), made by its CRI.
    @Suite(.serialized, .requiresRoot) struct ContainerdTests {
        /// Attributes inventories of this host as an agent does.
        struct Observer: ~Copyable {
            var reader = HostInventoryReader(readers: SharedReaders())
            var resolver: EntityResolver
            let source: RuntimePods

            init(_ socket: String, interval: Duration? = nil) throws {
                var settings = RuntimePods.Settings()
                if let interval { settings.interval = interval }
                settings.socket = RuntimeSocket(path: socket, language: .cri)
                source = RuntimePods(settings)
                resolver = EntityResolver(
                    node: "node", providers: [source.provider] + EntityResolver.builtInProviders)
                try source.start {}
            }

            /// The entity of the processes whose control group has a container's or sandbox's identifier, and whether
            /// their namespace has the same.
            mutating func entity(of id: String) throws -> (entity: Entity, isOfNamespace: Bool)? {
                // Other tests' namespaces are looked into as well.
                usleep(50_000)
                let census = resolver.resolve(try reader.read())
                let processes = census.inventory.processes
                guard let position = processes.firstIndex(where: { $0.cgroup.contains(id) }) else { return nil }
                let index = census.entityOfProcess[position]
                return (
                    census.entities.entities[Int(index)],
                    census.entityOfNamespace[processes[position].namespace] == index
                )
            }

            mutating func isNamed(_ name: String, _ id: String) throws -> Bool {
                let found = try entity(of: id)?.entity
                return found?.kind == .pod && found?.podNamespace == "shop" && found?.podName == name
            }
        }

        @Test(arguments: NodeRuntime.Version.all)
        func namesThePodOfEveryNamespaceAndProcess(version: NodeRuntime.Version) throws {
            let node = try NodeRuntime(version)
            var observer = try Observer(node.socket)
            defer { observer.source.stop() }
            var order = NodeRuntime.Order("web")
            order.labels = ["app": "web", "example.com/tier": "front"]
            order.containers["side"] = ["/bin/sleep", "100000"]
            let web = try node.run(order)
            for id in [web.sandbox] + web.containers.values {
                #expect(try eventually { try observer.isNamed("web", id) })
                let found = try #require(try observer.entity(of: id))
                #expect(found.isOfNamespace)
                #expect(found.entity.labels == order.labels)
            }
            let pod = try #require(observer.source.pods[uid: order.uid])
            #expect(Set(pod.containers.map(\.name)) == ["main", "side"])
            #expect(observer.source.status.peer.hasPrefix("containerd 1."))

            try node.remove(web)
            #expect(try observer.entity(of: web.sandbox) == nil)
            #expect(eventually { observer.source.pods[uid: order.uid]?.isReady == false })
        }

        @Test func namesPodsOnTheNodesNetwork() throws {
            let node = try NodeRuntime(isInNodesNetwork: true)
            var observer = try Observer(node.socket)
            defer { observer.source.stop() }
            var order = NodeRuntime.Order("proxy")
            order.host = true
            let proxy = try node.run(order)
            for id in [proxy.sandbox] + proxy.containers.values {
                #expect(try eventually { try observer.isNamed("proxy", id) })
                #expect(try observer.entity(of: id)?.isOfNamespace == false)
            }
        }

        /// No census asks for anybody, and no interval ends.
        @Test(arguments: NodeRuntime.Version.all.filter { $0 == .new })
        func hearsOfPodsWhenTheyComeAndGo(version: NodeRuntime.Version) throws {
            let node = try NodeRuntime(version)
            let observer = try Observer(node.socket, interval: .seconds(3600))
            defer { observer.source.stop() }
            #expect(eventually { observer.source.status.mode == "events" && observer.source.status.answers > 0 })
            let order = NodeRuntime.Order("web")
            let web = try node.run(order)
            #expect(eventually { observer.source.pods[uid: order.uid]?.containers.map(\.name) == ["main"] })
            try node.remove(web)
            #expect(eventually { observer.source.pods[uid: order.uid]?.isReady == false })
            #expect(observer.source.status.mode == "events" && observer.source.status.failures.isEmpty)
        }

        @Test(arguments: NodeRuntime.Version.all)
        func keepsPodsWhileTheRuntimeIsAway(version: NodeRuntime.Version) throws {
            let node = try NodeRuntime(version)
            var observer = try Observer(node.socket)
            defer { observer.source.stop() }
            let old = try node.run(NodeRuntime.Order("old"))
            #expect(try eventually { try observer.isNamed("old", old.sandbox) })
            try node.kill()
            #expect(eventually { observer.source.status.failure != nil })
            #expect(try observer.isNamed("old", old.sandbox))
            try node.start()
            let new = try node.run(NodeRuntime.Order("new"))
            #expect(try eventually { try observer.isNamed("new", new.sandbox) })
            #expect(try observer.isNamed("old", old.sandbox))
            #expect(observer.source.status.failure == nil)
            #expect(observer.source.status.failures.values.reduce(0, +) > 0)
        }

        @Test func findsASocketThatComesLater() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/runtime.sock"
            var observer = try Observer(path)
            defer { observer.source.stop() }
            #expect(eventually { observer.source.status.failure?.reason == .absent })
            let node = try NodeRuntime()
            let web = try node.run(NodeRuntime.Order("web"))
            #expect(try observer.entity(of: web.sandbox)?.entity.kind == .container)
            try run("ln", "-s", node.socket, path)
            #expect(try eventually { try observer.isNamed("web", web.sandbox) })
        }

        @Test func aRestartedPodIsItsNewSandbox() throws {
            let node = try NodeRuntime()
            var observer = try Observer(node.socket)
            defer { observer.source.stop() }
            let order = NodeRuntime.Order("web")
            let first = try node.run(order)
            #expect(try eventually { try observer.isNamed("web", first.sandbox) })
            try node.remove(first)
            let second = try node.run(order)
            #expect(second.sandbox != first.sandbox)
            #expect(try eventually { try observer.isNamed("web", second.sandbox) })
            #expect(eventually { observer.source.pods[uid: order.uid]?.sandbox == second.sandbox })
        }

        /// Of a pod whose processes nobody sees, as of a virtual machine, only the mount is there.
        @Test func findsAPodByTheMountOfItsNamespace() throws {
            let node = try NodeRuntime()
            var observer = try Observer(node.socket)
            defer { observer.source.stop() }
            let web = try node.run(NodeRuntime.Order("web"))
            #expect(try eventually { try observer.isNamed("web", web.sandbox) })
            var inventory = try observer.reader.read()
            let process = try #require(inventory.processes.first { $0.cgroup.contains(web.sandbox) })
            let place = try #require(inventory.namespaces.firstIndex { $0.id == process.namespace })
            inventory.namespaces[place].pid = nil
            let namespace = inventory.namespaces[place]
            #expect(namespace.mountPath?.hasPrefix("/run/netns/cni-") == true)
            let subject = EntitySubject(namespace: namespace)
            var provider = observer.source.provider
            let isFound = eventually {
                _ = provider.update(for: inventory)
                return provider.identity(of: subject) == .pod(namespace: "shop", name: "web")
            }
            #expect(isFound)
        }

        @Test func thirtyPodsAtOnceAreNamedRight() throws {
            let node = try NodeRuntime()
            var observer = try Observer(node.socket)
            defer { observer.source.stop() }
            var orders = (0..<30).map { NodeRuntime.Order("pod-\($0)") }
            for position in orders.indices { orders[position].containers = [:] }
            let made = try node.run(orders)
            for (order, pod) in zip(orders, made) {
                #expect(try eventually { try observer.isNamed(order.name, pod.sandbox) })
            }
        }
    }
#endif
