// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopSystem
import Testing

@testable import SkoopAgent

/// Censuses of the tests.
enum FakeCensus {
    /// The node and a pod.
    static let pair: Census = {
        let node = NamespaceID(rawValue: 1)
        let pod = NamespaceID(rawValue: 2)
        var entities = EntityTable(node: "worker", nodeEntity: Entity(kind: .node, namespace: node))
        let index = entities.append(Entity(kind: .pod, namespace: pod, podNamespace: "shop", podName: "web"))
        return Census(
            inventory: HostInventory(
                nodeNamespace: node, namespaces: [NetworkNamespace(id: node), NetworkNamespace(id: pod)], processes: []),
            entities: entities, entityOfNamespace: [node: EntityTable.nodeIndex, pod: index], entityOfProcess: [])
    }()

    static func source(
        _ take: @escaping @Sendable () throws(ProbeError) -> Census = { () throws(ProbeError) in pair }
    ) -> CensusSource { CensusSource { take } }
}

/// Holds threads until it is opened.
final class Gate: Sendable {
    private let isOpen = Monitor(false)

    func open() { isOpen.update { $0 = true } }

    func wait() { isOpen.wait { $0 ? true : nil } }

    deinit { open() }
}

@Suite struct CollectorTests {
    func metric(_ name: String, labels: Metric.Labels = .entity()) -> Metric {
        Metric(name: name, probe: "fake", kind: .counter, help: "of a test", labels: labels, source: "none")
    }

    func family(_ name: String, _ rows: Int) -> Family {
        var family = Family(metric(name, labels: .entity(extra: ["row"])))
        for row in 0..<rows { family.append(UInt64(row), for: 1, labels: ["\(row)"]) }
        return family
    }

    func collector(
        _ probes: [AgentProbe], census: CensusSource = FakeCensus.source(),
        change: (inout Configuration) -> Void = { _ in }
    ) throws -> Collector {
        var configuration = Configuration()
        configuration.metrics.deadline = .seconds(60)
        configuration.metrics.probes = probes.map { .init($0.definition.name) }
        change(&configuration)
        let collector = try Collector(
            configuration, probes: probes, environment: ProbeEnvironment(), census: census,
            backoff: .init(first: .milliseconds(1), longest: .milliseconds(1)))
        collector.waitUntilPrepared(for: .seconds(120))
        return collector
    }

    func names(_ collection: Collection) -> [String] {
        collection.snapshot.families.map(\.metric.name).filter { $0.hasPrefix("test_") }
    }

    @Test func familiesComeInTheConfiguredOrder() throws {
        let collector = try collector([
            FakeProbe.agent("b") { _ in [family("test_b", 2), family("test_empty", 0)] },
            FakeProbe.agent("a") { _ in [family("test_a", 1)] },
        ])
        let collection = collector.collect()
        #expect(names(collection) == ["test_b", "test_a"])
        #expect(collection.snapshot.entities.node == "worker")
        #expect(collection.number == 1)
        #expect(collector.probes.map(\.series) == [2, 1])
        #expect(collector.probes.map(\.succeeded) == [true, true])
        #expect(collector.status.series == 3 && collector.status.namespaces == 2)
        #expect(collector.collect().number == 2)
    }

    @Test func aHangingProbeCostsItsOwnSeriesOnly() throws {
        let gate = Gate()
        let collector = try collector([
            FakeProbe.agent("stuck") { _ in
                gate.wait()
                return [family("test_stuck", 1)]
            },
            FakeProbe.agent("fine") { _ in [family("test_fine", 1)] },
        ]) { $0.metrics.probes[0].deadline = .milliseconds(50) }
        #expect(names(collector.collect()) == ["test_fine"])
        var status = collector.probes[0]
        #expect(status.timeouts == 1 && status.skipped == 0 && !status.succeeded)
        #expect(status.error == ProbeError(.deadline, "the collection was not finished within 50ms"))

        // It still runs and is not asked again.
        #expect(names(collector.collect()) == ["test_fine"])
        status = collector.probes[0]
        #expect(status.timeouts == 1 && status.skipped == 1 && status.collections == 0)

        gate.open()
        #expect(eventuallyTrue { collector.probes[0].collections == 1 })
        #expect(eventuallyTrue { names(collector.collect()) == ["test_stuck", "test_fine"] })
        #expect(collector.probes[0].error == nil)
    }

    @Test func aFailingProbeCostsItsOwnSeriesOnly() throws {
        let collector = try collector([
            FakeProbe.agent("bad") { (scrape) throws(ProbeError) in
                scrape.problems.record("line", count: 3)
                throw ProbeError(.unreadable, "open /proc/net/snmp: permission denied")
            },
            FakeProbe.agent("fine") { _ in [family("test_fine", 1)] },
        ])
        #expect(names(collector.collect()) == ["test_fine"])
        let status = collector.probes[0]
        #expect(status.state == .running && status.failures == 1 && !status.succeeded)
        #expect(status.error?.message == "open /proc/net/snmp: permission denied")
        #expect(status.problems == ["line": 3])
    }

    @Test func aProbeThatCannotStartIsTriedAgain() throws {
        let attempts = Monitor(0)
        let probe = AgentProbe(definition: definition("late")) { (_) throws(ProbeError) in
            let attempt = attempts.update { count in
                count += 1
                return count
            }
            guard attempt > 2 else { throw ProbeError(.missingSubsystem, "attempt \(attempt)") }
            return FakeProbe { _ in [family("test_late", 1)] }
        }
        let collector = try collector([probe])
        #expect(collector.probes[0].state == .failed)
        #expect(collector.probes[0].error == ProbeError(.missingSubsystem, "attempt 1"))
        #expect(eventuallyTrue { names(collector.collect()) == ["test_late"] })
        #expect(collector.probes[0].state == .running && collector.probes[0].failures == 2)
        #expect(attempts.update { $0 } == 3)
    }

    @Test func aPreparationThatHangsHoldsUpNobody() throws {
        let gate = Gate()
        let turn = PreparationTurn(patience: .milliseconds(50))
        let waiting = try WorkerThread(name: "hangs") { turn.take { gate.wait() } }
        let order = Monitor<[Int]>([])
        for number in 0..<2 {
            let thread = try WorkerThread(name: "prepares") { turn.take { order.update { $0.append(number) } } }
            _ = consume thread
        }
        #expect(order.wait(until: MonotonicTime.now + .seconds(120)) { $0.count == 2 ? $0.sorted() : nil } == [0, 1])
        gate.open()
        waiting.join()
    }

    @Test func duplicatesAreRefusedPerProbe() throws {
        let collector = try collector([
            FakeProbe.agent("first") { _ in [family("test_shared", 1)] },
            FakeProbe.agent("second") { _ in [family("test_own", 1), family("test_shared", 1)] },
            FakeProbe.agent("third") { _ in [family("test_twice", 1), family("test_twice", 1)] },
            FakeProbe.agent("fourth") { _ in
                var family = family("test_rows", 2)
                family.append(7, for: 1, labels: ["0"])
                return [family]
            },
            FakeProbe.agent("fifth") { _ in
                var family = Family(metric("test_entity"))
                family.append(1, for: 9)
                return [family]
            },
            FakeProbe.agent("last") { _ in [family("test_last", 1)] },
        ])
        #expect(names(collector.collect()) == ["test_shared", "test_last"])
        #expect(collector.probes.map(\.succeeded) == [true, false, false, false, false, true])
        #expect(collector.probes[1...4].map(\.error?.reason) == Array(repeating: .malformed, count: 4))
        for (status, name) in zip(collector.probes[1...4], ["test_shared", "test_twice", "test_rows", "test_entity"]) {
            #expect(status.error?.message.contains(name) == true)
        }
    }

    @Test func whatExceedsTheLimitsIsCutCountedAndNamed() throws {
        let collector = try collector([
            FakeProbe.agent("one") { _ in [family("test_a", 9), family("test_b", 3)] },
            FakeProbe.agent("two") { _ in [family("test_c", 4), family("test_d", 1)] },
        ]) { configuration in
            configuration.limits.seriesPerFamily = 5
            configuration.limits.series = 10
        }
        let collection = collector.collect()
        #expect(collection.cut == ["test_a": 4, "test_c": 2, "test_d": 1])
        #expect(names(collection) == ["test_a", "test_b", "test_c"])
        #expect(collector.status.series == 10)
        _ = collector.collect()
        #expect(collector.status.cut == ["test_a": 8, "test_c": 4, "test_d": 2])
    }

    @Test func concurrentRequestsShareOneCollection() throws {
        let gate = Gate()
        let started = Monitor(0)
        let collector = try collector([
            FakeProbe.agent("slow") { _ in
                started.update { $0 += 1 }
                gate.wait()
                return [family("test_slow", 1)]
            }
        ])
        let numbers = Monitor<[UInt64]>([])
        func ask() { collector.request { collection in numbers.update { $0.append(collection?.number ?? 0) } } }
        ask()
        started.wait { $0 == 1 ? true : nil }
        for _ in 0..<50 { ask() }
        gate.open()
        #expect(numbers.wait { $0.count == 51 ? $0 : nil } == Array(repeating: 1, count: 51))
        #expect(started.update { $0 } == 1)
    }

    @Test func afterTheEndNobodyWaits() throws {
        let gate = Gate()
        let started = Monitor(false)
        let collector = try collector([
            FakeProbe.agent("slow") { _ in
                started.update { $0 = true }
                gate.wait()
                return []
            }
        ])
        let answers = Monitor<[UInt64]>([])
        func ask() { collector.request { collection in answers.update { $0.append(collection?.number ?? 0) } } }
        ask()
        started.wait { $0 ? true : nil }
        collector.stop()
        ask()
        #expect(answers.update { $0 } == [0, 0])
        #expect(collector.collect().number == 0)
        gate.open()
    }

    @Test func theLastInventoryStandsIn() throws {
        enum Mood { case good, failing, hanging }
        let gate = Gate()
        let mood = Monitor(Mood.good)
        let census = FakeCensus.source { () throws(ProbeError) in
            switch mood.update({ $0 }) {
            case .good: break
            case .failing: throw ProbeError(.unreadable, "no more file descriptors")
            case .hanging: gate.wait()
            }
            return FakeCensus.pair
        }
        let collector = try collector([FakeProbe.agent("a") { _ in [family("test_a", 1)] }], census: census) {
            $0.metrics.deadline = .milliseconds(200)
        }
        // The deadline is short for the sake of what hangs; on a busy host it can pass by for the others too.
        func comes(_ condition: (CollectorStatus) -> Bool) -> Bool {
            eventuallyTrue { names(collector.collect()) == ["test_a"] && condition(collector.status) }
        }
        #expect(comes { $0.inventoryError == nil && $0.inventoryDuration != nil })
        mood.update { $0 = .failing }
        #expect(comes { $0.inventoryError?.message == "no more file descriptors" })
        mood.update { $0 = .hanging }
        #expect(comes { $0.inventoryError?.reason == .deadline && $0.inventoryDuration == nil })
        #expect(comes { $0.inventoryError?.message == "an earlier inventory is still being taken" })
        mood.update { $0 = .good }
        gate.open()
        #expect(comes { $0.inventoryError == nil && $0.inventoryDuration != nil })
    }

    @Test func withoutAnyInventoryThereIsStillAPage() throws {
        let census = FakeCensus.source { () throws(ProbeError) in throw ProbeError(.missingPrivilege, "not allowed") }
        let collector = try collector([FakeProbe.agent("a") { _ in [family("test_a", 1)] }], census: census)
        #expect(names(collector.collect()) == [])
        #expect(collector.status.inventoryError?.message == "not allowed")
        #expect(collector.probes[0].collections == 0)
    }

    /// Asks again until it holds; far longer than it should need.
    func eventuallyTrue(_ condition: () -> Bool) -> Bool {
        let end = MonotonicTime.now + .seconds(120)
        while MonotonicTime.now < end { if condition() { return true } }
        return condition()
    }
}
