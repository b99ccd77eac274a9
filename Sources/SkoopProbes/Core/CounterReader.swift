// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopModel

/// The counters of a program that includes `skoop/counters.h`, summed over CPUs.
struct CounterReader: Sendable {
    /// One counter.
    struct Row: Sendable {
        /// Whose it is.
        var entity: EntityTable.Index
        /// What the probe tells apart.
        var kind: UInt32
        /// How often.
        var count: UInt64
    }

    private let program: AttachedProgram
    private static let counters: BPFPerCPUMapName<skoop_counter_key, UInt64> = "counters"
    private static let full: BPFGlobalName<UInt64> = "counters_full"

    /// Reads those of a program.
    init(_ program: AttachedProgram) { self.program = program }

    /// The counters of every entity of the scrape; those of namespaces that are gone are removed.
    func rows(_ scrape: Scrape) throws(ProbeError) -> [Row] {
        let full = try program.overflow(Self.full)
        if full > 0 { scrape.problems.record("counters-full", count: full) }
        let owners = program.owners(scrape)
        return try program.access { object throws(BPFError) in
            let map = try object.map(Self.counters)
            var rows: [Row] = []
            var unknown: [skoop_counter_key] = []
            try map.forEach { key, cpus throws(BPFError) in
                guard let entity = owners.entity(of: key.netns) else { return unknown.append(key) }
                rows.append(Row(entity: entity, kind: key.kind, count: cpus.reduce(0, &+)))
            }
            let gone = program.gone(Set(unknown.lazy.map(\.netns)), in: Self.counters.description)
            for key in unknown where gone.contains(key.netns) { try map.remove(key) }
            return rows
        }
    }
}
