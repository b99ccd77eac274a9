// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import Foundation
import ProgramCost
import SkoopEvents
import SkoopIdentity
import SkoopModel
import SkoopProbes

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

    private func prepare(_ name: String) throws -> (any Probe)? {
        do {
            return try ProbeRegistry.probe(named: name)?.init(ProbeEnvironment(events: pipeline.outlet))
        } catch { return nil }
    }

    /// Everything of one probe; nil where it does not run here.
    func run(_ name: String) throws -> ProbeCost? {
        var cost = ProbeCost(name: name)
        let before = CostMeter.mapMemory
        for round in 1...3 {
            Progress.show("\(name): loading \(round)/3")
            let start = bench_now()
            guard let probe = try prepare(name) else { return nil }
            cost.loading.append(Double(bench_now() - start) / 1e6)
            cost.mapMemory = CostMeter.mapMemory - before
            withExtendedLifetime(probe) {}
        }
        let known = CostMeter.attached()
        guard let probe = try prepare(name) else { return nil }
        // What comes into being while it runs, such as hooks in each namespace, is there a second later.
        if name == "kernellatency" { sleep(2) }
        do {
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

    /// Requests per second without and with a probe, by turns.
    func rates(_ cost: inout ProbeCost, rounds: Int) throws {
        let name = cost.name
        try rates(&cost, rounds: rounds) { [try prepare(name)].compactMap { $0 } }
    }

    private func rates(_ cost: inout ProbeCost, rounds: Int, _ make: () throws -> [any Probe]) throws {
        _ = try pair.rate()
        for round in 1...rounds {
            Progress.show("\(cost.name): requests per second \(round)/\(rounds)")
            cost.without.append(try pair.rate())
            let probes = try make()
            if probes.contains(where: { $0 is KernelLatencyProbe }) { sleep(2) }
            cost.with.append(try pair.rate())
            withExtendedLifetime(probes) {}
        }
        cost.without.append(try pair.rate())
    }

    /// All probes at once.
    func all(rates rounds: Int) throws -> ProbeCost {
        var cost = ProbeCost(name: "all together")
        let before = CostMeter.mapMemory
        for round in 1...3 {
            Progress.show("all probes: loading \(round)/3")
            let start = bench_now()
            let probes = try Self.names.compactMap { try prepare($0) }
            cost.loading.append(Double(bench_now() - start) / 1e6)
            cost.mapMemory = CostMeter.mapMemory - before
            withExtendedLifetime(probes) {}
        }
        if rounds > 0 { try rates(&cost, rounds: rounds) { try Self.names.compactMap { try prepare($0) } } }
        return cost
    }
}
