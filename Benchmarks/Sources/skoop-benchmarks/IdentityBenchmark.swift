// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import SkoopEvents
import SkoopIdentity
import SkoopModel
import SkoopProbes

/// What it costs to say whose events are, and to name a node full of pods.
struct IdentityBenchmark {
    let rounds: Int

    private static let pods = 1000
    private static let events = 100_000
    private static let node = NamespaceID(rawValue: 1)
    private static let first: UInt64 = 4_026_532_000

    /// Names pods by their UID, as the container runtime's provider does.
    private struct Pods: EntityProvider {
        let names: [String: String]

        func identity(of subject: EntitySubject) -> EntityIdentity? {
            subject.container.flatMap { names[$0.podUID] }.map { .pod(namespace: "shop", name: $0) }
        }
    }

    func run() throws -> (table: Table, bars: [Bar]) {
        Progress.show("whose events are")
        let inventory = Self.inventory()
        var times: (named: [UInt64], same: [UInt64], gone: [UInt64], event: [UInt64]) = ([], [], [], [])
        var named = 0
        for round in 1...rounds {
            try BenchmarkError.checkInterrupt()
            var resolver = Self.resolver()
            var census = resolver.resolve(HostInventory(nodeNamespace: Self.node, namespaces: [], processes: []))
            times.named.append(Repeated.once { census = resolver.resolve(inventory) })
            times.same.append(Repeated.measure { census = resolver.resolve(inventory) })
            var attribution = Attribution(node: "node")
            var history = NamespaceHistory()
            let cookies = Dictionary(uniqueKeysWithValues: inventory.namespaces.map { ($0.id, $0.cookie) })
            history.look(cookies, from: 1, to: 2)
            history.look(cookies, from: 3, to: 4)
            attribution.follow(census, history, now: 5)
            let events = Self.events(round)
            let all = Repeated.once {
                for event in events {
                    var event = event
                    event.cookie = history.cookie(of: event.namespace, at: event.time)
                    if attribution.entity(of: event, isPatient: true)?.kind == .pod { named += 1 }
                    for end in [event.tuple?.source, event.tuple?.destination] {
                        guard let end else { continue }
                        if census.peer(of: end.address, seenIn: event.namespace, at: 3).pod.isEmpty { named -= 1 }
                    }
                }
            }
            times.event.append(all / UInt64(events.count))
            // All pods have gone, and births are what is left of them.
            var empty = inventory
            empty.namespaces.removeLast(Self.pods)
            empty.processes.removeLast(inventory.processes.count - 1)
            times.gone.append(Repeated.once { census = resolver.resolve(empty) })
            guard census.departed.count == Self.pods else { throw BenchmarkError("births name nobody") }
        }
        Progress.clear()
        guard named == rounds * Self.events else { throw BenchmarkError("not every event had its pod") }
        var table = Table(
            "Identity: \(Self.pods) pods of two containers, each with a birth", ["", "median (min … max)"])
        table.rows = [
            ["an event's pod, and those of both its ends", Spread(times.event).text],
            ["naming all pods anew", Spread(times.named).text],
            ["naming them when nothing has changed", Spread(times.same).text],
            ["naming them by their births when they have gone", Spread(times.gone).text],
        ]
        return (
            table,
            [
                Bar(
                    what: "attribution of an event", measured: Spread.text(Spread(times.event).median),
                    allowed: "< 1 µs", kept: Spread(times.event).median < 1000)
            ]
        )
    }

    private static func uid(_ pod: Int) -> String {
        let digits = String(pod, radix: 16)
        return "0f6a1f0e-3a5b-4f9b-9d5e-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    private static func address(_ pod: Int, isV6: Bool) -> IPAddress {
        isV6
            ? IPAddress(bytes: [0xfd, 0x88] + [UInt8](repeating: 0, count: 12) + [UInt8(pod >> 8), UInt8(pod & 255)])
                ?? IPAddress(v4: 0) : IPAddress(v4: 0x0a58_0000 + UInt32(pod))
    }

    private static func resolver() -> EntityResolver {
        let names = Dictionary(uniqueKeysWithValues: (0..<pods).map { (uid($0), "web-\($0)") })
        return EntityResolver(node: "node", providers: [Pods(names: names)] + EntityResolver.builtInProviders)
    }

    private static func inventory() -> HostInventory {
        var inventory = HostInventory(
            nodeNamespace: node, namespaces: [NetworkNamespace(id: node, pid: 1)],
            processes: [HostProcess(pid: 1, startTime: 1, namespace: node, cgroup: "/init.scope")])
        for pod in 0..<pods {
            var namespace = NetworkNamespace(id: NamespaceID(rawValue: first + UInt64(pod)), pid: Int32(pod * 2 + 10))
            namespace.cookie = UInt64(pod + 100)
            inventory.namespaces.append(namespace)
            for container in 0..<2 {
                let digits = String(pod * 2 + container + 0x1000_0000, radix: 16)
                let process = HostProcess(
                    pid: Int32(pod * 2 + container + 10), startTime: UInt64(pod * 2 + container + 10),
                    namespace: namespace.id,
                    cgroup: "/kubepods/burstable/pod\(uid(pod))/"
                        + String(repeating: "0", count: 64 - digits.count) + digits)
                inventory.processes.append(process)
                inventory.births.append(
                    NamespaceBirth(
                        time: process.startTime, process: process, cookie: namespace.cookie,
                        groups: .init(memory: UInt64(process.pid))))
            }
            for isV6 in [false, true] {
                inventory.addresses.begin(
                    address(pod, isV6: isV6), in: namespace.id, cookie: namespace.cookie, after: 0)
            }
        }
        return inventory
    }

    private static func events(_ round: Int) -> [ProbeEvent] {
        (0..<events).map { number in
            let (one, other) = ((number &* 7919 + round) % pods, (number &* 104_729 + round) % pods)
            return ProbeEvent(
                Catalogue.events[0], time: 3, namespace: NamespaceID(rawValue: first + UInt64(one)),
                tuple: PacketTuple(
                    protocolNumber: 6, source: .init(address(one, isV6: number % 2 == 0), port: 4000),
                    destination: .init(address(other, isV6: number % 2 == 0), port: 80)))
        }
    }
}
