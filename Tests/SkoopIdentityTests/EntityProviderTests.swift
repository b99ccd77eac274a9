// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import Testing

private let a = containerDigits("aaaaaaaaaaaa")
private let b = containerDigits("bbbbbbbbbbbb")
private let uid = "8f9d1c3e-52a7-4f0b-9a6d-0d1e2f3a4b5c"

/// Stands for a cluster: pods by UID, and a note of when its answers change.
private struct PodsByUID: EntityProvider {
    var pods: [String: EntityIdentity]
    var hasNews = false

    mutating func update(for inventory: HostInventory) -> Bool {
        defer { hasNews = false }
        return hasNews
    }

    func identity(of subject: EntitySubject) -> EntityIdentity? { subject.container.flatMap { pods[$0.podUID] } }
}

/// Names no pod, but knows what made them, and who is elsewhere.
private struct Makers: EntityProvider {
    private struct Nobody: PeerSource {
        func peer(of address: IPAddress, at moment: UInt64?) -> Peer { Peer(kind: .node, node: "elsewhere") }
    }
    func identity(of subject: EntitySubject) -> EntityIdentity? { nil }
    func workload(ofPod name: String, in namespace: String) -> Workload? {
        namespace == "shop" ? Workload(kind: "Deployment", name: String(name.prefix(3))) : nil
    }
    var peers: (any PeerSource)? { Nobody() }
}

/// Gives everything the same answer.
private struct Constant: EntityProvider {
    var answer: EntityIdentity
    func identity(of subject: EntitySubject) -> EntityIdentity? { answer }
}

@Suite struct EntityProviderTests {
    private func resolve(_ build: InventoryBuilder, _ providers: [any EntityProvider]) -> Census {
        var resolver = EntityResolver(node: "n1", providers: providers + EntityResolver.builtInProviders)
        return resolver.resolve(build.inventory)
    }

    @Test("what made a pod may come from another provider than its name, as do peers")
    func workloads() {
        var build = InventoryBuilder()
        build.process(10, in: 2, "/kubepods/pod\(uid)/\(a)")
        build.process(11, in: 3)
        let pods = PodsByUID(pods: [uid: .pod(namespace: "shop", name: "web-1")])
        let census = resolve(build, [pods, Makers()])
        #expect(
            census.entities.entities.first { $0.podName == "web-1" }?.workload
                == Workload(kind: "Deployment", name: "web"))
        #expect(census.entities.entities.allSatisfy { $0.kind == .pod || $0.workload == nil })
        #expect(
            census.peer(of: IPAddress(v4: 1), seenIn: NamespaceID(rawValue: 2)) == Peer(kind: .node, node: "elsewhere"))
    }

    @Test(
        "a provider in front names pods; its containers, their processes and those on the host's network are the pod's")
    func pods() {
        var build = InventoryBuilder()
        build.process(10, in: 2, "/kubepods/pod\(uid)/\(a)")
        build.process(11, in: 2, "/kubepods/pod\(uid)/\(b)")
        let other = "00000000-52a7-4f0b-9a6d-0d1e2f3a4b5c"
        build.process(12, in: 1, "/kubepods/pod\(other)/\(containerDigits("c"))")
        build.process(13, in: 1, "/kubepods/pod\(other)/\(containerDigits("d"))")
        let census = resolve(
            build,
            [
                PodsByUID(pods: [
                    uid: .pod(namespace: "shop", name: "web-1", labels: ["app": "web"]),
                    other: .pod(namespace: "kube-system", name: "proxy"),
                ])
            ])
        #expect(census.labels == ["/", "kube-system/proxy", "shop/web-1"])
        #expect(census.entity(ofNamespace: 2)?.labels == ["app": "web"])
        #expect(census.entity(ofProcess: 11)?.podName == "web-1")
        #expect(census.entity(ofProcess: 12)?.podName == "proxy")
        #expect(census.entity(ofProcess: 13)?.podName == "proxy")
        #expect(census.entity(ofNamespace: 1)?.kind == .node)
        #expect(!census.entityOfNamespace.values.contains(1), "a pod on the host's network has no namespace")
    }

    @Test("two namespaces never are one pod: the older keeps the name, the other falls back")
    func twice() {
        var build = InventoryBuilder()
        build.process(10, in: 3, "/docker/\(a)")
        build.process(11, in: 2, "/docker/\(b)")
        let census = resolve(build, [Constant(answer: .pod(namespace: "x", name: "y"))])
        #expect(census.entity(ofNamespace: 3)?.podName == "y")
        #expect(census.entity(ofNamespace: 2)?.podName == "container:bbbbbbbbbbbb")
        #expect(census.entity(ofProcess: 11)?.podName == "container:bbbbbbbbbbbb")
    }

    @Test(
        "a pod that would look like the node or like a generated name is refused",
        arguments: [("", ""), ("x", ""), ("", "netns:blue"), ("", "container:aaaaaaaaaaaa")])
    func refused(namespace: String, name: String) {
        var build = InventoryBuilder()
        build.mount(2, at: "/run/netns/red")
        let census = resolve(build, [Constant(answer: .pod(namespace: namespace, name: name))])
        #expect(census.labels == ["/", "/netns:red"])
    }

    @Test("a provider that claims one container for everything still gives no label set twice")
    func nasty() {
        var build = InventoryBuilder()
        for namespace in 2...5 as ClosedRange<UInt64> { build.mount(namespace, at: "/run/netns/\(namespace)") }
        let id = ContainerID(id: a, runtime: .docker, cgroup: "/docker/\(a)")
        let census = resolve(build, [Constant(answer: .container(id))])
        #expect(Set(census.labels).count == 5)
    }

    @Test("news of a provider counts though the inventory is the same")
    func news() {
        var build = InventoryBuilder()
        build.process(10, in: 2, "/kubepods/pod\(uid)/\(a)")
        var resolver = EntityResolver(
            node: "n1",
            providers: [PodsByUID(pods: [uid: .pod(namespace: "shop", name: "web")], hasNews: true)])
        let first = resolver.resolve(build.inventory)
        #expect(first.labels == ["/", "shop/web"])
        #expect(resolver.resolve(build.inventory).entities.version == first.entities.version)
    }

    @Test("without a provider that knows containers, those on the host's network are the node")
    func noContainers() {
        var build = InventoryBuilder()
        build.process(10, in: 1, "/docker/\(a)")
        var resolver = EntityResolver(node: "n1", providers: [MountNameProvider()])
        let census = resolver.resolve(build.inventory)
        #expect(census.labels == ["/"])
        #expect(census.entity(ofProcess: 10)?.kind == .node)
    }

    @Test(
        "a mapping entry applies to what it says",
        arguments: [
            ("/run/netns/blue", 2), ("/other/mount", 2), ("blue", 2), ("mount", 2), ("3", 3), ("net:[3]", 3),
            ("lu", nil),
            ("/run/netns", nil), ("44", nil),
        ] as [(String, UInt64?)])
    func netnsMapping(text: String, namespace: UInt64?) throws {
        var build = InventoryBuilder()
        build.mount(2, at: "/run/netns/blue", and: "/other/mount")
        build.process(10, in: 3)
        let mapping = try StaticMapping(target: .init(netns: text), podNamespace: "shop", podName: "web")
        let census = resolve(build, [try StaticMappingProvider([mapping])])
        let found = census.entityOfNamespace.first { census.entities.entities[Int($0.value)].kind == .pod }
        #expect(found?.key.rawValue == namespace)
    }

    @Test(
        "a container entry takes a prefix of 12 digits or more, or a whole name",
        arguments: [
            (String(a.prefix(12)), 10), (a, 10), ("bbbbbbbbbbbb0", 11), ("c1", 12), ("c", nil), ("bbbbbbbbbbbb1", nil),
        ] as [(String, Int32?)])
    func containerMapping(text: String, pid: Int32?) throws {
        var build = InventoryBuilder()
        build.process(10, in: 2, "/docker/\(a)")
        build.process(11, in: 1, "/docker/\(b)")
        build.process(12, in: 3, "/lxc/c1")
        let mapping = try StaticMapping(target: .init(container: text), podName: "web")
        let census = resolve(build, [try StaticMappingProvider([mapping])])
        let found = build.inventory.processes.first { census.entity(ofProcess: $0.pid)?.kind == .pod }
        #expect(found?.pid == pid)
    }

    @Test("bad mapping entries are refused")
    func mappingErrors() throws {
        #expect(throws: StaticMappingError.emptyPodName) { try StaticMapping(target: .mountName("a"), podName: "") }
        #expect(throws: StaticMappingError.reservedPodName("netns:a")) {
            try StaticMapping(target: .mountName("a"), podName: "netns:a")
        }
        for text in ["", "a/b", "0", "net:[x]", "net:[4026531833"] {
            #expect(throws: StaticMappingError.invalidNamespace(text)) { try StaticMapping.Target(netns: text) }
        }
        for text in ["", "a/b", "abcdef01", "abcdef01234", a + "0"] {
            #expect(throws: StaticMappingError.invalidContainer(text)) { try StaticMapping.Target(container: text) }
        }
        let twice = try StaticMapping(target: .mountName("a"), podName: "x")
        #expect(throws: StaticMappingError.duplicateTarget(.mountName("a"))) {
            try StaticMappingProvider([twice, twice])
        }
        #expect(StaticMappingError.duplicateTarget(.mountName("a")).description == #"two entries apply to netns "a""#)
    }
}
