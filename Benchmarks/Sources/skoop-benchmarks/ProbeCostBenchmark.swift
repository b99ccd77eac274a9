// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import Foundation
import ProgramCost
import SkoopEvents
import SkoopIdentity
import SkoopModel
import SkoopProbes
import Synchronization

/// What each probe's eBPF programs cost: per event, in memory, at start, and to those who use the network.
struct ProbeCostBenchmark {
    let rounds: Int
    let network: CostNetwork
    let pair: HTTPPair
    private let pipeline: EventPipeline

    /// The names of the probes that have programs of their own in the kernel.
    static var names: [String] {
        ProbeRegistry.all.map { $0.definition }.filter { $0.sources.contains(.ebpf) }.map(\.name).sorted()
    }

    init(rounds: Int) throws {
        self.rounds = rounds
        network = try CostNetwork()
        pair = try HTTPPair(network)
        let board = CensusBoard()
        pipeline = try EventPipeline(node: "node", limits: EventLimits(), census: board, sinks: [])
    }

    /// The v2 hierarchy, wherever it is mounted.
    static func controlGroup() throws -> String {
        let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
        let line = mounts.split(separator: "\n").map { $0.split(separator: " ") }.first {
            $0.count > 2 && $0[2] == "cgroup2"
        }
        guard let line else { throw BenchmarkError("no control groups of version 2 are mounted") }
        return String(line[1])
    }

    private static func prepare(_ name: String, for events: EventOutlet) -> (any Probe)? {
        try? ProbeRegistry.probe(named: name)?.init(ProbeEnvironment(events: events))
    }

    private func prepare(_ name: String) -> (any Probe)? { Self.prepare(name, for: pipeline.outlet) }

    /// All that run here, each prepared on a thread of its own as in an agent.
    private func prepareAll() -> [any Probe] {
        let (names, outlet) = (Self.names, pipeline.outlet)
        let probes = Mutex<[any Probe]>([])
        DispatchQueue.concurrentPerform(iterations: names.count) { index in
            guard let probe = Self.prepare(names[index], for: outlet) else { return }
            probes.withLock { $0.append(probe) }
        }
        return probes.withLock { $0 }
    }

    /// Everything of one probe; nil where it does not run here.
    func run(_ name: String) throws -> ProbeCost? {
        var cost = ProbeCost(name: name)
        guard load(&cost, { [prepare(name)].compactMap { $0 } }) else { return nil }
        let known = CostMeter.attached()
        guard let probe = prepare(name) else { return nil }
        // What comes into being while it runs, such as hooks in each namespace, is there a second later.
        if name == "kernellatency" { sleep(2) }
        do {
            let awake = try WakefulCPUs()
            defer { withExtendedLifetime(awake) {} }
            let meter = try CostMeter(
                rootControlGroup: try Self.controlGroup(), namespaces: CostNetwork.namespaces, without: known)
            cost.notCompared = meter.withoutTwin
            for workload in Workload.own(of: name) {
                Progress.show("\(name): \(workload.rawValue)")
                try workload.run(network, pair)
                let programs = try meter.measure(rounds: rounds) { try workload.run(network, pair) }
                cost.loads.append(ProbeCost.Load(workload: workload.rawValue, programs: programs))
            }
        }
        withExtendedLifetime(probe) {}
        return cost
    }

    /// The memory of maps when probes of before are gone: they let go of it on threads of their own.
    private static func settledMapMemory() -> UInt64 {
        var last = CostMeter.mapMemory
        while true {
            usleep(100_000)
            let now = CostMeter.mapMemory
            if now == last { return now }
            last = now
        }
    }

    /// How long probes take to load and attach, and the memory of their maps; false where none runs here.
    private func load(_ cost: inout ProbeCost, _ prepare: () -> [any Probe]) -> Bool {
        for round in 1...3 {
            Progress.show("\(cost.name): loading \(round)/3")
            let before = Self.settledMapMemory()
            let start = bench_now()
            let probes = prepare()
            cost.loading.append(Double(bench_now() - start) / 1e6)
            guard !probes.isEmpty else { return false }
            cost.mapMemory = max(cost.mapMemory, CostMeter.mapMemory - before)
            withExtendedLifetime(probes) {}
        }
        return true
    }

    /// Requests per second without and with a probe, by turns.
    func rates(_ cost: inout ProbeCost, rounds: Int) throws {
        let name = cost.name
        try rates(&cost, rounds: rounds) { [prepare(name)].compactMap { $0 } }
    }

    private func rates(_ cost: inout ProbeCost, rounds: Int, _ make: () -> [any Probe]) throws {
        _ = try pair.rate()
        for round in 1...rounds {
            Progress.show("\(cost.name): requests per second \(round)/\(rounds)")
            cost.without.append(try pair.rate())
            let probes = make()
            if probes.contains(where: { $0 is KernelLatencyProbe }) { sleep(2) }
            cost.with.append(try pair.rate())
            withExtendedLifetime(probes) {}
        }
        cost.without.append(try pair.rate())
    }

    /// All probes at once.
    func all(rates rounds: Int) throws -> ProbeCost {
        var cost = ProbeCost(name: "all together")
        _ = load(&cost, prepareAll)
        if rounds > 0 { try rates(&cost, rounds: rounds) { prepareAll() } }
        return cost
    }
}
