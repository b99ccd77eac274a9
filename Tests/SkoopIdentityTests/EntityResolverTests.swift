// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import Testing

private let a = containerDigits("aaaaaaaaaaaa")
private let b = containerDigits("bbbbbbbbbbbb")
private let c = containerDigits("cccccccccccc")

@Suite struct EntityResolverTests {
    private var build = InventoryBuilder()
    private var resolver = EntityResolver(node: "n1")

    private mutating func resolve() -> Census { resolver.resolve(build.inventory) }

    @Test func theLastEntityIsNobodys() throws {
        var builder = InventoryBuilder()
        builder.mount(7, at: "/run/netns/blue")
        var resolver = EntityResolver(node: "bench")
        let census = resolver.resolve(builder.inventory)
        let last = try #require(census.entities.entities.last)
        #expect(last.isNobody && last.podName == "netns:[0]" && census.entities.entities.count { $0.isNobody } == 1)
        #expect(census.entity(ofNamespace: 0) == last && census.entity(ofNamespace: 9) == nil)
    }

    @Test("the node has empty labels, and what is outside every container belongs to it")
    mutating func node() {
        build.process(10, in: 1, "/system.slice/ssh.service")
        let census = resolve()
        #expect(census.entities.node == "n1")
        #expect(census.labels == ["/"])
        #expect(census.entity(ofNamespace: 1) == Entity(kind: .node, namespace: InventoryBuilder.node))
        #expect(census.entity(ofProcess: 10)?.kind == .node)
    }

    @Test("a namespace is called after its container, its mount name, or its inode number, in this order")
    mutating func names() {
        build.process(10, in: 2, "/docker/\(a)")
        build.mount(2, at: "/run/docker/netns/x")
        build.process(11, in: 3)
        build.mount(3, at: "/run/netns/blue")
        build.process(12, in: 4)
        build.mount(5, at: "/run/netns/empty")
        let census = resolve()
        #expect(census.entity(ofNamespace: 2)?.podName == "container:aaaaaaaaaaaa")
        #expect(census.entity(ofNamespace: 2)?.kind == .container)
        #expect(census.entity(ofNamespace: 2)?.container == a)
        #expect(census.entity(ofNamespace: 3)?.podName == "netns:blue")
        #expect(census.entity(ofNamespace: 3)?.kind == .namespace)
        #expect(census.entity(ofNamespace: 4)?.podName == "netns:[4]")
        #expect(census.entity(ofNamespace: 4)?.kind == .unknown)
        #expect(census.entity(ofNamespace: 5)?.podName == "netns:empty")
        #expect(census.entity(ofProcess: 11)?.podName == "netns:blue")
        #expect(census.entities.entities.allSatisfy { $0.podNamespace == "" })
        #expect(census.entities.entities.first?.kind == .node)
    }

    @Test("of several containers in one namespace the oldest counts, and all processes are its entity's")
    mutating func sandbox() {
        build.process(10, in: 2, "/k8s.io/\(a)")
        build.process(11, in: 2, "/k8s.io/\(b)")
        build.process(12, in: 2)
        let census = resolve()
        #expect(census.labels == ["/", "/container:aaaaaaaaaaaa"])
        for pid in [10, 11, 12] as [Int32] {
            #expect(census.entity(ofProcess: pid)?.podName == "container:aaaaaaaaaaaa")
        }
    }

    @Test("a namespace made inside a container is not that container")
    mutating func namespaceInContainer() {
        build.process(10, in: 2, "/docker/\(a)")
        build.process(11, in: 3, "/docker/\(a)")
        build.process(12, in: 4, "/docker/\(a)/sub")
        build.mount(4, at: "/run/netns/inner")
        let census = resolve()
        #expect(census.entity(ofNamespace: 2)?.podName == "container:aaaaaaaaaaaa")
        #expect(census.entity(ofNamespace: 3)?.podName == "netns:[3]")
        #expect(census.entity(ofNamespace: 4)?.podName == "netns:inner")
        // What a container's processes read and write is the container's, wherever they do it.
        #expect(census.entity(ofProcess: 11)?.podName == "container:aaaaaaaaaaaa")
        #expect(census.entity(ofProcess: 12)?.podName == "container:aaaaaaaaaaaa")
    }

    @Test("a container started into an existing namespace does not take it over")
    mutating func joinedNamespace() {
        build.mount(2, at: "/run/netns/blue")
        build.process(10, in: 2)
        build.process(11, in: 2, "/docker/\(a)")
        let census = resolve()
        #expect(census.entity(ofNamespace: 2)?.podName == "netns:blue")
        #expect(census.entity(ofProcess: 11)?.podName == "netns:blue")
    }

    @Test("a container on the host's network is an entity for its processes, not for a namespace")
    mutating func hostNetwork() {
        build.process(10, in: 1, "/docker/\(a)")
        build.process(11, in: 1, "/docker/\(a)")
        build.process(12, in: 9, "/docker/\(a)")
        let census = resolve()
        let entity = census.entity(ofProcess: 10)
        #expect(entity?.podName == "container:aaaaaaaaaaaa")
        #expect(entity?.kind == .container)
        #expect(entity?.namespace == InventoryBuilder.node)
        #expect(census.entity(ofProcess: 11) == entity)
        #expect(census.entity(ofProcess: 12) == entity)
        #expect(census.entity(ofNamespace: 1)?.kind == .node)
        #expect(census.entity(ofNamespace: 9)?.podName == "netns:[9]")
        #expect(census.labels == ["/", "/container:aaaaaaaaaaaa", "/netns:[9]"])
    }

    @Test("nested containers are told apart")
    mutating func nested() {
        build.process(10, in: 2, "/docker/\(a)")
        build.process(11, in: 3, "/docker/\(a)/docker/\(b)")
        build.process(12, in: 2, "/docker/\(a)/docker/\(c)")
        let census = resolve()
        #expect(census.entity(ofNamespace: 2)?.container == a)
        #expect(census.entity(ofNamespace: 3)?.container == b)
        #expect(census.entity(ofProcess: 12)?.container == a, "c shares the network of a")
    }

    @Test("where process 1 is in a container, that container is the host")
    func insideContainer() {
        var build = InventoryBuilder(initCgroup: "/docker/\(a)/init.scope")
        build.process(10, in: 1, "/docker/\(a)/system.slice/ssh.service")
        build.process(11, in: 2, "/docker/\(a)/docker/\(b)")
        build.process(12, in: 3, "/docker/\(a)/system.slice/x.service")
        var resolver = EntityResolver(node: "n1")
        let census = resolver.resolve(build.inventory)
        #expect(census.entity(ofProcess: 1)?.kind == .node)
        #expect(census.entity(ofProcess: 10)?.kind == .node)
        #expect(census.entity(ofNamespace: 2)?.container == b)
        #expect(census.entity(ofNamespace: 3)?.podName == "netns:[3]")
    }

    @Test("names that would be the same become longer, all of them")
    mutating func longerNames() {
        let first = containerDigits("dddddddddddd1")
        let second = containerDigits("dddddddddddd2")
        build.process(10, in: 2, "/docker/\(first)")
        build.process(11, in: 3, "/docker/\(second)")
        build.mount(4, at: "/run/netns/blue")
        build.mount(5, at: "/run/docker/netns/blue")
        build.process(12, in: 6, "/lxc/web")
        build.process(13, in: 7, "/machine.slice/machine-web.scope")
        build.process(14, in: 8, "/lxc/one/lxc/db")
        build.process(15, in: 9, "/lxc/two/lxc/db")
        build.process(16, in: 10)
        build.mount(11, at: "/run/netns/[10]")
        let census = resolve()
        #expect(census.entity(ofNamespace: 2)?.podName == "container:\(first)")
        #expect(census.entity(ofNamespace: 3)?.podName == "container:\(second)")
        #expect(census.entity(ofNamespace: 4)?.podName == "netns:/run/netns/blue")
        #expect(census.entity(ofNamespace: 5)?.podName == "netns:/run/docker/netns/blue")
        #expect(census.entity(ofNamespace: 6)?.podName == "container:lxc/web")
        #expect(census.entity(ofNamespace: 7)?.podName == "container:machine/web")
        #expect(census.entity(ofNamespace: 8)?.podName == "container:/lxc/one/lxc/db")
        #expect(census.entity(ofNamespace: 9)?.podName == "container:/lxc/two/lxc/db")
        #expect(census.entity(ofNamespace: 10)?.podName == "netns:[10]")
        #expect(census.entity(ofNamespace: 11)?.podName == "netns:/run/netns/[10]")
    }

    @Test("the order in which things are listed changes nothing")
    mutating func order() {
        build.process(10, in: 2, "/docker/\(a)")
        build.process(11, in: 3, "/docker/\(b)")
        build.mount(4, at: "/run/netns/blue")
        let first = resolve()
        var shuffled = build.inventory
        shuffled.namespaces.reverse()
        shuffled.processes.reverse()
        let second = resolver.resolve(shuffled)
        #expect(second.entities.version == first.entities.version)
        #expect(second.entities.entities == first.entities.entities)
        #expect(second.entityOfNamespace == first.entityOfNamespace)
        #expect(second.entityOfProcess == first.entityOfProcess.reversed())
    }

    @Test("the version changes with the content and with nothing else")
    mutating func version() {
        build.process(10, in: 2, "/docker/\(a)")
        let first = resolve().entities.version
        #expect(resolve().entities.version == first)
        build.process(11, in: 2, "/docker/\(a)")
        #expect(resolve().entities.version == first, "one more process is no other entity")
        build.end(11)
        #expect(resolve().entities.version == first)
        build.mount(3, at: "/run/netns/blue")
        let second = resolve().entities.version
        #expect(second != first)
        build.mount(3, at: "/run/netns/green")
        let third = resolve().entities.version
        #expect(third != second)
        var other = EntityResolver(node: "n2")
        #expect(other.resolve(build.inventory).entities.version != third, "versions of two resolvers never meet")
    }

    @Test("a process whose namespace is not listed gets an entity all the same")
    func unlisted() {
        let inventory = HostInventory(
            nodeNamespace: InventoryBuilder.node, namespaces: [],
            processes: [
                HostProcess(pid: 5, startTime: 1, namespace: NamespaceID(rawValue: 7), cgroup: "/"),
                HostProcess(pid: 6, startTime: 1, namespace: InventoryBuilder.node, cgroup: "/"),
            ])
        var resolver = EntityResolver(node: "n1")
        let census = resolver.resolve(inventory)
        #expect(census.entity(ofProcess: 5)?.podName == "netns:[7]")
        #expect(census.entity(ofProcess: 6)?.kind == .node)
    }

    @Test("additional labels come from the pod's, and from nothing for the node")
    func additionalLabels() throws {
        var build = InventoryBuilder()
        build.mount(2, at: "/run/netns/blue")
        build.mount(3, at: "/run/netns/red")
        let mapping = try StaticMapping(
            target: .mountName("blue"), podNamespace: "ns", podName: "web", labels: ["app": "x"])
        var resolver = EntityResolver(
            node: "n1", providers: [try StaticMappingProvider([mapping])] + EntityResolver.builtInProviders,
            additionalLabels: try AdditionalLabels(["app=${labels:app}", "site=lab_${labels:none}"]))
        let table = resolver.resolve(build.inventory).entities
        #expect(table.additionalLabelNames == ["app", "site"])
        #expect(Array(table.additionalLabels(of: 0)) == ["", "lab_"])
        let pod = try #require(table.entities.firstIndex { $0.podName == "web" })
        #expect(Array(table.additionalLabels(of: EntityTable.Index(pod))) == ["x", "lab_"])
    }
}
