// SPDX-License-Identifier: Apache-2.0
import Foundation
import ProgramCost
import SkoopBPF

/// The part of the program that measures eBPF programs.
struct ProbeCostCommand {
    var rounds = 9
    var rateRounds = 5
    var probes: [String] = []
    var object: String?
    var programs: [String] = []
    var workloads = Workload.allCases
    var markdown = false
    var json: String?
    var agent: String?

    static let usage = """
        usage: skoop-benchmarks probes [options]
          --probe NAME        only this probe; may be given several times
          --object PATH       instead of the probes, the programs of this eBPF object file
          --program NAME      of these, only this one; may be given several times
          --rounds N          measurements of everything (9)
          --rates N           measurements of requests per second, 0 for none (5)
          --agent PATH        measure the memory of this executable with everything on
          --markdown          write Documentation/costs.md and its picture, from the checkout's top folder
          --json PATH         write all measurements

        """

    init(_ arguments: ArraySlice<String>) throws(BenchmarkError) {
        var rest = arguments
        func value(_ option: String) throws(BenchmarkError) -> String {
            guard let value = rest.popFirst() else { throw BenchmarkError("\(option) needs a value") }
            return value
        }
        func whole(_ option: String, _ range: ClosedRange<Int>) throws(BenchmarkError) -> Int {
            let text = try value(option)
            guard let number = Int(text), range.contains(number) else {
                throw BenchmarkError(
                    "\(option): '\(text)' is no whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        while let option = rest.popFirst() {
            switch option {
            case "--probe": probes.append(try value(option))
            case "--object": object = try value(option)
            case "--program": programs.append(try value(option))
            case "--rounds": rounds = try whole(option, 1...1000)
            case "--rates": rateRounds = try whole(option, 0...100)
            case "--agent": agent = try value(option)
            case "--markdown": markdown = true
            case "--json": json = try value(option)
            default: throw BenchmarkError("unknown argument '\(option)'\n\(Self.usage)")
            }
        }
        for name in probes where !ProbeCostBenchmark.names.contains(name) {
            throw BenchmarkError(
                "--probe: '\(name)' has no eBPF programs, allowed: \(ProbeCostBenchmark.names.joined(separator: ", "))")
        }
    }

    /// Whether all limits are kept.
    func run() throws -> Bool {
        print("What eBPF programs cost. \(Report.machine)")
        var report = ProbeCostReport()
        if let object {
            report.probes = [try measure(object)]
        } else {
            try measure(&report)
        }
        Progress.clear()
        for table in report.tables { print(table.terminal) }
        for probe in report.probes {
            for (program, reason) in probe.notCompared.sorted(by: { $0.key < $1.key }) {
                print("  \(probe.name): \(program) is not compared: \(reason)")
            }
        }
        if let json { try report.json().write(to: URL(filePath: json)) }
        if markdown { try report.write() }
        return object != nil || report.bars.allSatisfy(\.kept)
    }

    private func measure(_ report: inout ProbeCostReport) throws {
        let benchmark = try ProbeCostBenchmark(rounds: rounds)
        for name in probes.isEmpty ? ProbeCostBenchmark.names : probes {
            guard var cost = try benchmark.run(name) else {
                Progress.clear()
                print("  \(name) does not run here")
                continue
            }
            if rateRounds > 0 { try benchmark.rates(&cost, rounds: rateRounds) }
            report.probes.append(cost)
        }
        if probes.isEmpty { report.all = try benchmark.all(rates: rateRounds) }
        if let agent, probes.isEmpty {
            let memory = try BusyAgent(executable: agent).memory(benchmark.pair)
            report.agentMemory = memory.resident
            report.agentPeak = memory.most
        }
    }

    /// The programs of an object file under every load.
    private func measure(_ path: String) throws -> ProbeCost {
        var cost = ProbeCost(name: URL(filePath: path).lastPathComponent)
        let network = try CostNetwork()
        let pair = try HTTPPair(network)
        let group = try ProbeCostBenchmark.controlGroup()
        let before = CostMeter.mapMemory
        let start = ContinuousClock.now
        let file = try ObjectFile(path, programs: programs, rootControlGroup: group)
        cost.loading = [(ContinuousClock.now - start) / .milliseconds(1)]
        cost.mapMemory = CostMeter.mapMemory - before
        let meter = try CostMeter(rootControlGroup: group, namespaces: CostNetwork.namespaces)
        cost.notCompared = meter.withoutTwin.merging(file.unattached) { $1 }
        for workload in workloads {
            Progress.show("\(cost.name): \(workload.rawValue)")
            let programs = try meter.measure(rounds: rounds) { try workload.run(network, pair) }
            cost.loads.append(ProbeCost.Load(workload: workload.rawValue, programs: programs))
        }
        return cost
    }
}
