// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopModel
internal import SkoopSystem

/// Reads the SNMP tables of every network namespace by one run of `mib.bpf.c`.
///
/// Kernel 5.19 and later. A value is owned by one thread at a time.
struct MIBPass: ~Copyable {
    private static let read: BPFProgramName = "read_mibs"
    private static let learn: BPFProgramName = "learn_offsets"
    private static let cpus: BPFMapName<UInt32, UInt32> = "cpus"
    private static let rows: BPFMapName<UInt32, skoop_mib_row> = "rows"

    /// The program with room for a number of namespaces.
    private struct Loaded: ~Copyable {
        let program: LoadedBPFObject
        let rows: MappedArray<skoop_mib_row>

        init(capacity: Int, _ cpuNumbers: [Int]) throws(BPFError) {
            var object = try BPFObject(.mib)
            try object.resize(MIBPass.rows, entries: capacity)
            let program = try object.load()
            let rows = try program.mapping(of: MIBPass.rows)
            try Self.tell(program, cpuNumbers)
            var pass = skoop_pass()
            pass.cpus = UInt32(cpuNumbers.count)
            let run = try program.runSyscall(MIBPass.learn, context: &pass)
            guard run.returnValue == 0 else {
                throw BPFError(
                    .run, subject: "mib.learn_offsets", "the distance between per-CPU copies cannot be learnt")
            }
            self.program = program
            self.rows = rows
        }

        private static func tell(_ program: borrowing LoadedBPFObject, _ cpuNumbers: [Int]) throws(BPFError) {
            let map = try program.map(MIBPass.cpus)
            for (index, cpu) in cpuNumbers.enumerated() { try map.set(UInt32(cpu), for: UInt32(index)) }
        }
    }

    private var loaded: Loaded
    private let cpuNumbers: [Int]

    /// Loads the program.
    ///
    /// - Parameters:
    ///   - capacity: namespaces there is room for at first; it grows by itself.
    ///   - sys: where `/sys` is.
    init(capacity: Int = 1024, sys: String = "/sys") throws(ProbeError) {
        let cpuNumbers = try ProbeError.wrap { () throws(SystemError) in try Host.possibleCPUNumbers(sys: sys) }
        self.loaded = try Self.load(capacity, cpuNumbers)
        self.cpuNumbers = cpuNumbers
    }

    private static func load(_ capacity: Int, _ cpuNumbers: [Int]) throws(ProbeError) -> Loaded {
        do { return try Loaded(capacity: capacity, cpuNumbers) } catch { throw ProbeError(error) }
    }

    /// Runs the program and returns the wanted counters of all namespaces.
    mutating func read(_ counters: [MIBCounter], _ layout: MIBLayout) throws(ProbeError) -> MIBTable {
        do {
            // A namespace that goes away under the walk can end it early; that is rare enough to begin again.
            for _ in 0..<8 {
                var pass = skoop_pass()
                pass.tables = layout.tables
                pass.cpus = UInt32(cpuNumbers.count)
                pass.capacity = UInt32(loaded.rows.count)
                try loaded.program.runSyscall(Self.read, context: &pass)
                if pass.complete != 0 { return table(counters, layout, rows: Int(pass.namespaces)) }
                if pass.namespaces >= pass.capacity {
                    loaded = try Loaded(capacity: loaded.rows.count * 2, cpuNumbers)
                }
            }
        } catch { throw ProbeError(error) }
        throw ProbeError(.unreadable, "the list of network namespaces kept changing while it was walked")
    }

    private func table(_ counters: [MIBCounter], _ layout: MIBLayout, rows count: Int) -> MIBTable {
        var table = MIBTable(counters: counters)
        table.available = layout.words.map { $0 != nil }
        table.namespaces.reserveCapacity(count)
        table.values.reserveCapacity(count * counters.count)
        let words = loaded.rows.words
        let columns = layout.words.map { $0 ?? 0 }
        for row in 0..<count {
            let start = row * Int(SKOOP_MIB_WORDS.rawValue)
            table.namespaces.append(NamespaceID(rawValue: words[start + Int(SKOOP_MIB_INUM.rawValue)]))
            for column in columns { table.values.append(words[start + column]) }
        }
        return table
    }
}
