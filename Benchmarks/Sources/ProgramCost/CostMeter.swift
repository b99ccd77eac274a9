// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import Glibc

/// Measures the eBPF programs that this process has attached, each beside an empty one at the same hook.
///
/// Both run for the same events in the same moments, so that the ratio says more than the nanoseconds, which depend on the
/// machine and on what else it does. Needs CAP_SYS_ADMIN. One thread; the empty programs go with this value.
public struct CostMeter: ~Copyable {
    private var programs: [bench_program] = []
    private let clock: CInt
    /// Programs that have no empty one beside them, and why.
    public private(set) var withoutTwin: [String: String] = [:]

    /// Finds the programs and attaches the empty ones.
    ///
    /// - Parameters:
    ///   - rootControlGroup: the directory of the v2 hierarchy, for programs that are attached to control groups.
    ///   - namespaces: files of the network namespaces in whose netfilter hooks programs are compared.
    ///   - known: programs that are not to be measured, from `attached()` before those of interest came.
    public init(rootControlGroup: String, namespaces: [String] = [], without known: Set<UInt32> = []) throws(CostError)
    {
        clock = bench_run_clock()
        guard clock >= 0 else { throw CostError("run statistics cannot be enabled", errno: -clock) }
        let group = open(rootControlGroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let files = namespaces.map { open($0, O_RDONLY | O_CLOEXEC) }
        defer { for file in files + [group] { close(file) } }
        for var program in Self.list() {
            guard !known.contains(program.id) else {
                bench_close_program(&program)
                continue
            }
            let result = bench_make_twin(&program, group, files, files.count)
            if result < 0 { withoutTwin[program.title] = String(cString: strerror(-result)) }
            programs.append(program)
        }
    }

    deinit {
        for var program in programs { bench_close_program(&program) }
        close(clock)
    }

    /// The kernel's numbers of the programs that this process has attached.
    public static func attached() -> Set<UInt32> {
        var numbers: Set<UInt32> = []
        for var program in list() {
            numbers.insert(program.id)
            bench_close_program(&program)
        }
        return numbers
    }

    /// The kernel's memory for all eBPF maps that this process has open, in bytes.
    public static var mapMemory: UInt64 { bench_map_memory() }

    private static func list() -> [bench_program] {
        var all = [bench_program](repeating: bench_program(), count: 512)
        let count = bench_programs(&all, all.count)
        return Array(all.prefix(count))
    }

    /// What the programs cost while `work` is done, so many times.
    ///
    /// Rounds in which a program ran less than `enough` times say nothing of it.
    public borrowing func measure<Failure: Error>(
        rounds: Int, enough: UInt64 = 50, _ work: () throws(Failure) -> Void
    ) throws(Failure) -> [ProgramCost] {
        var measured = [Rounds](repeating: Rounds(), count: programs.count)
        for _ in 0..<rounds {
            let before = programs.map(\.runs)
            try work()
            for (index, program) in programs.enumerated() {
                measured[index].add(before[index], program.runs, enough: enough)
            }
        }
        return programs.indices.map { index in
            let program = programs[index]
            let rounds = measured[index]
            return ProgramCost(
                name: program.title, hook: program.place, runs: rounds.count, nanoseconds: Samples(rounds.own),
                empty: Samples(rounds.empty), ratio: Samples(zip(rounds.own, rounds.empty).map { $0 / $1 }),
                missed: rounds.missed, codeSize: Int(program.code), verified: Int(program.verified))
        }
    }

    /// The rounds of one program.
    private struct Rounds {
        var count: UInt64 = 0
        var missed: UInt64 = 0
        var own: [Double] = []
        var empty: [Double] = []

        mutating func add(
            _ before: (own: bench_runs, twin: bench_runs), _ after: (own: bench_runs, twin: bench_runs), enough: UInt64
        ) {
            let runs = after.own.count - before.own.count
            let twins = after.twin.count - before.twin.count
            count += runs
            missed += after.own.missed - before.own.missed
            guard runs >= enough, twins >= enough else { return }
            own.append(Double(after.own.time - before.own.time) / Double(runs))
            empty.append(Double(after.twin.time - before.twin.time) / Double(twins))
        }
    }
}

extension bench_program {
    fileprivate var runs: (own: bench_runs, twin: bench_runs) {
        var own = bench_runs()
        var twin = bench_runs()
        withUnsafePointer(to: self) { bench_read_runs($0, &own, &twin) }
        return (own, twin)
    }

    fileprivate var title: String {
        withUnsafeBytes(of: name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    fileprivate var place: String {
        withUnsafeBytes(of: hook) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
