// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopSystem

/// An eBPF program that walks all network namespaces and writes one row for each.
///
/// Kernel 5.19 and later. A value is owned by one thread at a time; the rows are those of the last run.
struct NamespacePass<Row: BitwiseCopyable>: ~Copyable {
    /// What the program is called and needs.
    struct Definition: Sendable {
        /// The object with the program and its map `rows`.
        var image: BPFImage
        /// The program.
        var program: BPFProgramName
        /// Whether it reads per-CPU data and must learn where that is (`bpf/include/skoop/percpu.h`).
        var readsPerCPU = false
        /// Maps that need room for every namespace too.
        var indexes: [BPFMapName<UInt64, UInt32>] = []
        /// What to do after each load: the program is loaded anew when it needs more room.
        var prepare: (@Sendable (borrowing LoadedBPFObject) throws(BPFError) -> Void)?
    }

    private struct Loaded: ~Copyable {
        let program: LoadedBPFObject
        let rows: MappedArray<Row>

        init(_ definition: Definition, capacity: Int, _ cpus: [Int]) throws(BPFError) {
            let name: BPFMapName<UInt32, Row> = "rows"
            var object = try BPFObject(definition.image)
            try object.resize(name, entries: capacity)
            for index in definition.indexes { try object.resize(index, entries: capacity) }
            let program = try object.load()
            if definition.readsPerCPU { try Self.learnOffsets(program, cpus) }
            try definition.prepare?(program)
            let rows = try program.mapping(of: name)
            self.program = program
            self.rows = rows
        }

        private static func learnOffsets(_ program: borrowing LoadedBPFObject, _ cpus: [Int]) throws(BPFError) {
            let map = try program.map("cpus" as BPFMapName<UInt32, UInt32>)
            for (index, cpu) in cpus.enumerated() { try map.set(UInt32(cpu), for: UInt32(index)) }
            var request = skoop_pass()
            request.cpus = UInt32(cpus.count)
            let run = try program.runSyscall("learn_offsets", context: &request)
            guard run.returnValue == 0 else {
                throw BPFError(
                    .run, subject: program.name, "the distance between the copies of per-CPU data cannot be learnt")
            }
        }
    }

    private let definition: Definition
    private let cpus: [Int]
    private var loaded: Loaded

    /// Loads the program.
    ///
    /// - Parameters:
    ///   - definition: what to load.
    ///   - capacity: namespaces there is room for at first; it grows by itself.
    ///   - sys: where `/sys` is.
    init(_ definition: Definition, capacity: Int = 1024, sys: String = "/sys") throws(ProbeError) {
        let cpus = try ProbeError.wrap { () throws(SystemError) in try Host.possibleCPUNumbers(sys: sys) }
        self.loaded = try Self.load(definition, capacity, cpus)
        self.definition = definition
        self.cpus = cpus
    }

    private static func load(
        _ definition: Definition, _ capacity: Int, _ cpus: [Int]
    ) throws(ProbeError) -> Loaded {
        do { return try Loaded(definition, capacity: capacity, cpus) } catch {
            throw ProbeError(error, needing: KernelVersion(5, 19))
        }
    }

    /// The rows, of which the last run wrote the first `namespaces`.
    var rows: MappedArray<Row> {
        _read { yield loaded.rows }
    }

    /// Runs the program until it has seen all namespaces.
    ///
    /// - Parameter tables: what to read, for programs that can read more or less.
    mutating func run(tables: UInt32 = 0) throws(ProbeError) -> skoop_pass {
        do {
            if let pass = try walk(tables) { return pass }
        } catch { throw ProbeError(error) }
        throw ProbeError(.unreadable, "the list of network namespaces kept changing while it was walked")
    }

    private mutating func walk(_ tables: UInt32) throws(BPFError) -> skoop_pass? {
        // A namespace that goes away under the walk can end it early; that is rare enough to begin again.
        var tries = 0
        while tries < 8 {
            var request = skoop_pass()
            request.tables = tables
            request.cpus = UInt32(cpus.count)
            request.capacity = UInt32(loaded.rows.count)
            let run = try loaded.program.runSyscall(definition.program, context: &request)
            guard run.returnValue == 0 else {
                throw BPFError(
                    .run, subject: loaded.program.name, "this kernel's structures are not those that were expected")
            }
            if request.complete != 0 { return request }
            if request.namespaces >= request.capacity {
                loaded = try Loaded(definition, capacity: loaded.rows.count * 2, cpus)
            } else {
                tries += 1
            }
        }
        return nil
    }
}
