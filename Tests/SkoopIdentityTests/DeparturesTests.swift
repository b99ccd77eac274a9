// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import Testing

private let a = containerDigits("aaaaaaaaaaaa")
private let b = containerDigits("bbbbbbbbbbbb")

/// Whose namespaces were that have gone before anybody could look.
@Suite struct DeparturesTests {
    private var build = InventoryBuilder()
    private var resolver = EntityResolver(
        node: "n1", providers: [PodsByUID()] + EntityResolver.builtInProviders)

    /// Calls a pod after the end of its UID.
    private struct PodsByUID: EntityProvider {
        func identity(of subject: EntitySubject) -> EntityIdentity? {
            guard let uid = subject.container?.podUID, !uid.isEmpty else { return nil }
            return .pod(namespace: "shop", name: String(uid.suffix(4)))
        }
    }

    private static func pod(_ name: String, _ container: String) -> String {
        "/kubepods/pod0f6a1f0e-3a5b-4f9b-9d5e-6d1c1f2e\(name)/\(container)"
    }

    private mutating func resolve() -> Census { resolver.resolve(build.inventory) }

    private func names(_ census: Census) -> [String] {
        census.departed.map { "\($0.id.rawValue)/\($0.cookie) \(census.entities.entities[Int($0.entity)].podName)" }
    }

    @Test mutating func aPodThatNobodySawIsStillNamed() {
        build.birth(10, in: 7, cookie: 70, Self.pod("aaaa", a))
        build.birth(11, in: 7, cookie: 70, Self.pod("aaaa", b))
        let census = resolve()
        #expect(names(census) == ["7/70 aaaa"])
        #expect(census.entities.entities[1].kind == .pod && census.entity(ofNamespace: 7) == nil)
        #expect(census.entityOfDepartedNumber == [NamespaceID(rawValue: 7): 1])
        let loopback = IPAddress(v4: 0x7f00_0001)
        #expect(census.peer(of: loopback, seenIn: NamespaceID(rawValue: 7)).pod == "aaaa")
        #expect(census.peer(of: loopback, seenIn: NamespaceID(rawValue: 8)) == .unknown)
        for pid in [10, 11] as [UInt64] { #expect(census.entityOfGroups[.init(memory: pid)] == 1) }
        // It is forgotten with the birth.
        build = InventoryBuilder()
        #expect(resolve().departed.isEmpty)
    }

    @Test mutating func whatLivesHasNotGone() {
        build.birth(10, in: 7, cookie: 70, Self.pod("aaaa", a))
        build.process(10, in: 7, Self.pod("aaaa", a))
        // Without cookies the number alone says that it lives.
        for cookie in [70, 0] as [UInt64] {
            build.mark(7, cookie: cookie)
            let census = resolve()
            #expect(census.departed.isEmpty && census.entityOfGroups[.init(memory: 10)] == 1)
        }
    }

    @Test mutating func aNumberThatIsAnothersIsNot() {
        build.birth(10, in: 7, cookie: 70, Self.pod("aaaa", a))
        build.process(11, in: 7, Self.pod("bbbb", b))
        build.mark(7, cookie: 71)
        let census = resolve()
        #expect(names(census) == ["7/70 aaaa"] && census.entity(ofNamespace: 7)?.podName == "bbbb")
        #expect(census.entityOfDepartedNumber.isEmpty)
    }

    @Test(arguments: [0, 70] as [UInt64])
    mutating func oneNumberOfTwoThatHaveGone(cookie: UInt64) {
        build.birth(10, in: 7, cookie: cookie, Self.pod("aaaa", a))
        build.birth(11, in: 7, cookie: cookie == 0 ? 0 : 71, Self.pod("bbbb", b))
        let census = resolve()
        if cookie == 0 {
            // Nobody can tell whose what is.
            #expect(names(census) == [] && census.entityOfDepartedNumber.isEmpty)
        } else {
            #expect(names(census) == ["7/70 aaaa", "7/71 bbbb"])
            let last = census.entityOfDepartedNumber[NamespaceID(rawValue: 7)]
            #expect(last.map { census.entities.entities[Int($0)].podName } == "bbbb")
        }
    }

    @Test("a namespace that was made inside a container is not the container's, whoever of them goes first")
    mutating func namespaceInContainer() {
        build.process(10, in: 7, Self.pod("aaaa", a))
        build.mark(7, cookie: 70)
        build.birth(12, in: 8, cookie: 80, Self.pod("aaaa", a))
        #expect(resolve().departed.isEmpty)
        // The container's own birth is long forgotten, and it goes too.
        build.end(namespace: 7)
        for _ in 0..<2 {
            #expect(resolve().departed.isEmpty)
            build.process(99, in: 1)
        }
    }

    @Test mutating func programsOfTheNodeInAPodsNamespaceAreNotThePod() {
        build.birth(9, in: 7, cookie: 70, "/system.slice/containerd.service")
        build.birth(10, in: 7, cookie: 70, Self.pod("aaaa", a))
        #expect(names(resolve()) == ["7/70 aaaa"])
    }

    @Test("a pod that has gone and one of the same name that lives are one entity")
    mutating func replacedPod() {
        build.birth(10, in: 7, cookie: 70, Self.pod("aaaa", a))
        build.process(11, in: 8, Self.pod("aaaa", b))
        build.mark(8, cookie: 80)
        let census = resolve()
        #expect(names(census) == ["7/70 aaaa"] && census.labels == ["/", "shop/aaaa"])
        #expect(census.entities.entities[1].namespace.rawValue == 8)
    }

    @Test("what has gone does not lengthen the names of what lives")
    mutating func restartedContainer() {
        build.birth(10, in: 7, cookie: 70, "/docker/\(a)")
        #expect(names(resolve()) == ["7/70 container:aaaaaaaaaaaa"])
        build.birth(11, in: 8, cookie: 80, "/docker/\(a)")
        build.process(11, in: 8, "/docker/\(a)")
        build.mark(8, cookie: 80)
        #expect(resolve().labels == ["/", "/container:aaaaaaaaaaaa"])
    }

    @Test mutating func containersOfTheNodesNetworkThatHaveGone() {
        build.birth(10, in: 1, cookie: 1, Self.pod("aaaa", a))
        let census = resolve()
        #expect(census.departed.isEmpty && census.labels == ["/", "shop/aaaa"])
        #expect(census.entityOfGroups[.init(memory: 10)] == 1)
    }

    @Test("what a runtime does on the node to make a container is not the container", arguments: [false, true])
    mutating func programsOfTheRuntime(isLookedAtBetween: Bool) {
        build.birth(9, in: 1, cookie: 1, Self.pod("aaaa", a))
        if isLookedAtBetween { #expect(resolve().departed.isEmpty) }
        build.birth(10, in: 7, cookie: 70, Self.pod("aaaa", a))
        #expect(names(resolve()) == ["7/70 aaaa"])
    }

    @Test mutating func whatAContainerOfTheNodesNetworkMakesLaterIsNotIt() {
        build.birth(9, in: 1, cookie: 1, Self.pod("aaaa", a))
        build.birth(10, in: 7, cookie: 70, Self.pod("aaaa", a))
        build.delay(birth: 1, until: 2_000_000_000)
        #expect(resolve().departed.isEmpty)
    }

    @Test mutating func anInitContainerThatHasEndedIsItsPods() {
        build.process(10, in: 7, Self.pod("aaaa", a))
        build.mark(7, cookie: 70)
        build.birth(10, in: 7, cookie: 70, Self.pod("aaaa", a))
        build.birth(11, in: 7, cookie: 70, Self.pod("aaaa", b))
        let census = resolve()
        #expect(census.departed.isEmpty)
        for pid in [10, 11] as [UInt64] { #expect(census.entityOfGroups[.init(memory: pid)] == 1) }
    }

    @Test mutating func whoIsAskedForANameIsWaitedFor() {
        struct Slow: EntityProvider {
            func identity(of subject: EntitySubject) -> EntityIdentity? { nil }
            func isAwaited(_ subject: EntitySubject) -> Bool { subject.container != nil }
        }
        resolver = EntityResolver(node: "n1", providers: [Slow()] + EntityResolver.builtInProviders)
        build.birth(10, in: 7, cookie: 70, Self.pod("aaaa", a))
        let census = resolve()
        #expect(census.awaited == Set(census.departed.map(\.entity)) && census.awaited.count == 1)
    }

    @Test func theRegisterHasBounds() {
        var register = BirthRegister()
        func birth(_ number: Int, at time: UInt64, _ cgroup: String = "/docker/" + a) -> NamespaceBirth {
            NamespaceBirth(
                time: time,
                process: HostProcess(
                    pid: Int32(number), startTime: 1, namespace: NamespaceID(rawValue: UInt64(number)), cgroup: cgroup))
        }
        #expect(!register.enter(birth(1, at: 5, "/system.slice/ssh.service")) && register.births.isEmpty)
        for number in 0..<BirthRegister.capacity + 3 { register.enter(birth(number, at: UInt64(number) + 10)) }
        #expect(register.births.count == BirthRegister.capacity && register.omitted == 3)
        #expect(register.births.first?.process.pid == 3)
        // One that comes late is put where it belongs.
        register.enter(birth(7000, at: 1000))
        #expect(register.births.map(\.time) == register.births.map(\.time).sorted())
        register.forget(at: BirthRegister.memory + 1000)
        #expect(register.births.first?.time == 1000)
        register.forget(at: .max)
        #expect(register.births.isEmpty)
    }
}
