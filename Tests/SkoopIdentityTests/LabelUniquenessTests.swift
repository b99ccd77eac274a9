// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopTesting
import Testing

/// Names a share of everything after very few pods, so that claims collide.
private struct FewPods: EntityProvider {
    var answers: [EntityIdentity?]
    func identity(of subject: EntitySubject) -> EntityIdentity? {
        answers[Int(subject.namespace.id.rawValue % UInt64(answers.count))]
    }
}

@Suite struct LabelUniquenessTests {
    @Test("no two entities have the same labels, whatever the inventory")
    func unique() {
        var random = SeededGenerator()
        for _ in 0..<300 {
            let inventory = Self.inventory(using: &random)
            var resolver = EntityResolver(
                node: "n", providers: [FewPods(answers: Self.answers(using: &random))] + EntityResolver.builtInProviders
            )
            let census = resolver.resolve(inventory)
            #expect(Set(census.labels).count == census.labels.count)
            #expect(Set(census.entityOfNamespace.values).count == census.entityOfNamespace.count)
            #expect(census.entityOfNamespace[inventory.nodeNamespace] == EntityTable.nodeIndex)
            #expect(inventory.namespaces.allSatisfy { census.entityOfNamespace[$0.id] != nil })
            #expect(census.entityOfProcess.count == inventory.processes.count)
            #expect(census.entityOfProcess.allSatisfy { census.entities.entities.indices.contains(Int($0)) })
            for (namespace, index) in census.entityOfNamespace {
                #expect(census.entities.entities[Int(index)].namespace == namespace)
            }

            var shuffled = inventory
            shuffled.namespaces.shuffle(using: &random)
            shuffled.processes.shuffle(using: &random)
            let again = resolver.resolve(shuffled)
            #expect(again.labels == census.labels)
            #expect(again.entities.version == census.entities.version)
        }
    }

    private static func inventory(using random: inout SeededGenerator) -> HostInventory {
        // Few names for many things: collisions are the point.
        let names = ["blue", "[3]", "[4026531999]", "a", "aaaaaaaaaaaa", "\u{FFFD}", "blue#2"]
        let digits = ["aaaaaaaaaaaa1", "aaaaaaaaaaaa2", "b", "c"].map(containerDigits)
        var cgroups = ["/", "/init.scope", "/lxc/blue", "/lxc/x/lxc/blue", "/machine.slice/machine-blue.scope"]
        cgroups += ["/lxc/aaaaaaaaaaaa", "/lxc/\(digits[0])", "/lxc.payload.blue"]
        cgroups += digits.flatMap {
            ["/docker/\($0)", "/docker/\(digits[0])/docker/\($0)", "/system.slice/docker-\($0).scope"]
        }
        var namespaces = (1...UInt64.random(in: 1...14, using: &random)).map {
            NetworkNamespace(id: NamespaceID(rawValue: $0))
        }
        var paths: Set<String> = []
        for index in namespaces.indices where Bool.random(using: &random) {
            let directory = ["/run/netns/", "/run/docker/netns/", "/x/"].randomElement(using: &random) ?? ""
            let path = directory + (names.randomElement(using: &random) ?? "")
            // One path is one mount, except where two mount namespaces were looked at.
            if paths.insert(path).inserted || Int.random(in: 0..<8, using: &random) == 0 {
                namespaces[index].mountPath = path
            }
        }
        let count = Int32.random(in: 0...40, using: &random)
        let processes = (1...(count + 1)).map { pid in
            HostProcess(
                pid: pid, startTime: UInt64.random(in: 0...9, using: &random),
                namespace: namespaces.randomElement(using: &random)?.id ?? NamespaceID(rawValue: 1),
                cgroup: cgroups.randomElement(using: &random) ?? "/")
        }
        return HostInventory(
            nodeNamespace: NamespaceID(rawValue: 1), namespaces: namespaces.shuffled(using: &random),
            processes: processes)
    }

    private static func answers(using random: inout SeededGenerator) -> [EntityIdentity?] {
        let id = ContainerID(id: containerDigits("b"), runtime: .docker, cgroup: "/docker/b")
        let choices: [EntityIdentity?] = [
            nil, nil, .pod(namespace: "", name: ""), .pod(namespace: "s", name: "p"), .pod(namespace: "", name: "p"),
            .pod(namespace: "", name: "netns:blue"), .pod(namespace: "s", name: "netns:blue"), .container(id),
            .mount(path: "/run/netns/blue"),
        ]
        return (0..<5).map { _ in choices.randomElement(using: &random) ?? nil }
    }
}
