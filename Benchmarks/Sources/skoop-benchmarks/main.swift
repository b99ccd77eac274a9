// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import Foundation

/// What the command line asks for.
struct Options {
    var agent: String?
    var markdown = false
    var rounds = 7
    var namespaces = [1, 100, 500]
    var sockets = 8_000
    var eventsOnly = false
    var analysisOnly = false
    var identityOnly = false

    static let usage = """
        usage: skoop-benchmarks [--agent PATH] [--markdown] [--rounds N] [--namespaces N,N,…] [--sockets N]
          --agent PATH        measure the memory of this executable too
          --markdown          write Documentation/benchmarks.md and its picture, from the checkout's top folder
          --rounds N          measurements of everything, 5 at least (\(Options().rounds))
          --namespaces N,N,…  sizes, ascending (\(Options().namespaces.map(String.init).joined(separator: ",")))
          --events            measure the way of events only
          --analysis          measure the search for causes only
          --identity          measure only what it costs to say whose events are
          --sockets N         established loopback sockets (\(Options().sockets))

        """

    init() {}

    init(_ arguments: [String]) throws(BenchmarkError) {
        var rest = arguments[...]
        func value(_ option: String) throws(BenchmarkError) -> String {
            guard let value = rest.popFirst() else { throw BenchmarkError("\(option) needs a value") }
            return value
        }
        func whole(_ option: String, _ range: ClosedRange<Int>, _ text: some StringProtocol) throws(BenchmarkError)
            -> Int
        {
            guard let number = Int(text), range.contains(number) else {
                throw BenchmarkError(
                    "\(option): '\(text)' is no whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        while let option = rest.popFirst() {
            switch option {
            case "--agent": agent = try value(option)
            case "--markdown": markdown = true
            case "--events": eventsOnly = true
            case "--analysis": analysisOnly = true
            case "--identity": identityOnly = true
            case "--rounds": rounds = try whole(option, 5...1000, try value(option))
            case "--sockets": sockets = try whole(option, 2...100_000, try value(option))
            case "--namespaces":
                namespaces = []
                for text in try value(option).split(separator: ",") {
                    namespaces.append(try whole(option, 1...5000, text))
                }
                if namespaces.isEmpty || namespaces != namespaces.sorted() {
                    throw BenchmarkError("--namespaces: sizes have to ascend")
                }
            default: throw BenchmarkError("unknown argument '\(option)'\n\(Self.usage)")
            }
        }
    }
}

func run(_ options: Options) throws -> Bool {
    var document = Report()
    let show: (Table) -> Void = { table in
        print(table.terminal)
        fflush(nil)
        document.tables.append(table)
    }
    print("Skoop benchmarks. \(Report.machine)")
    if !options.analysisOnly && !options.identityOnly {
        let events = try EventBenchmark().run()
        show(events.table)
        document.bars += events.bars
    }
    if !options.eventsOnly && !options.identityOnly {
        let analysis = try AnalysisBenchmark(rounds: options.rounds).run()
        show(analysis.table)
        document.bars += analysis.bars
    }
    if !options.eventsOnly && !options.analysisOnly {
        let identity = try IdentityBenchmark(rounds: options.rounds).run()
        show(identity.table)
        document.bars += identity.bars
    }
    if options.eventsOnly || options.analysisOnly || options.identityOnly {
        print(document.barTable.terminal)
        return document.bars.allSatisfy(\.kept)
    }
    let fleet = try Fleet()
    var snapshot = SnapshotBenchmark(rounds: options.rounds, sizes: options.namespaces, sockets: options.sockets)
    try snapshot.run(fleet, show: show)
    document.points = snapshot.points
    document.bars += snapshot.bars

    let encoding = try EncodingBenchmark(rounds: max(options.rounds, 15)).run()
    show(encoding.table)
    document.bars += encoding.bars
    if let agent = options.agent {
        let memory = try AgentBenchmark(executable: agent).run(namespaces: options.namespaces.max() ?? 0)
        show(memory.table)
        document.bars += memory.bars
    }
    print(document.barTable.terminal)
    if options.markdown { try document.write() }
    return document.bars.allSatisfy(\.kept)
}

bench_note_signals()
_ = bench_raise_file_limit()
do {
    let arguments = CommandLine.arguments.dropFirst()
    switch arguments.first {
    case "probes": exit(try ProbeCostCommand(arguments.dropFirst()).run() ? 0 : 3)
    case "traffic":
        let words = Array(arguments.dropFirst())
        guard words.count == 5, let port = UInt16(words[3]), let count = UInt(words[4]) else { exit(1) }
        exit(bench_traffic(words[0], words[1], words[2], port, count))
    default: break
    }
    exit(try run(Options(Array(CommandLine.arguments.dropFirst()))) ? 0 : 3)
} catch {
    Progress.clear()
    complain("skoop-benchmarks: \((error as? BenchmarkError)?.message ?? "\(error)")\n")
    exit(1)
}
