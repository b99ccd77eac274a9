// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem

/// The latencies of a program that includes `skoop/histogram.h`, summed over CPUs.
struct HistogramReader: Sendable {
    /// One histogram.
    struct Row: Sendable {
        /// Whose latencies; the node's entity for those of the node as such.
        var entity: EntityTable.Index
        /// What the probe tells apart.
        var kind: UInt32
        /// How many latencies fell into each slot.
        var slots: [UInt64]
        /// Their sum in nanoseconds.
        var sum: UInt64
        /// Those above 1, 10 and 100 ms.
        var over: (ms1: UInt64, ms10: UInt64, ms100: UInt64)
    }

    private let program: AttachedProgram
    private static let histograms: BPFPerCPUMapName<skoop_histogram_key, skoop_histogram> = "histograms"
    private static let full: BPFGlobalName<UInt64> = "histograms_full"

    /// Reads those of a program.
    init(_ program: AttachedProgram) { self.program = program }

    /// Gives the program room for so many kinds in each of 512 namespaces, or on a machine of many CPUs in fewer, since
    /// every CPU has histograms of its own: 32 MB of the kernel's memory are the most.
    static func makeRoom(for kinds: Int, in object: inout BPFObject) throws(BPFError) {
        let size = MemoryLayout<skoop_histogram>.stride * ((try? Host.possibleCPUs()) ?? 1)
        try object.resize(histograms, entries: min(512 * kinds, (32 << 20) / size))
    }

    /// The histograms of every entity of the scrape; those of namespaces that are gone are removed.
    func rows(_ scrape: Scrape) throws(ProbeError) -> [Row] {
        try program.access { object throws(BPFError) in
            let map = try object.map(Self.histograms)
            var rows: [Row] = []
            var gone: [skoop_histogram_key] = []
            try map.forEach { key, cpus throws(BPFError) in
                guard let entity = scrape.entity(of: key.netns) else { return gone.append(key) }
                rows.append(Row(key, entity, cpus))
            }
            for key in gone { try map.remove(key) }
            if try object.global(Self.full) > 0 { scrape.problems.record("histograms-full") }
            return rows
        }
    }
}

extension HistogramReader.Row {
    fileprivate init(_ key: skoop_histogram_key, _ entity: EntityTable.Index, _ cpus: [skoop_histogram]) {
        self.init(
            entity: entity, kind: key.kind, slots: [UInt64](repeating: 0, count: Int(SKOOP_SLOTS)), sum: 0,
            over: (0, 0, 0))
        for cpu in cpus {
            let s = cpu.slots
            let all: InlineArray<27, UInt64> = [
                s.0, s.1, s.2, s.3, s.4, s.5, s.6, s.7, s.8, s.9, s.10, s.11, s.12, s.13, s.14, s.15, s.16, s.17, s.18,
                s.19, s.20, s.21, s.22, s.23, s.24, s.25, s.26,
            ]
            for slot in slots.indices { slots[slot] += all[slot] }
            sum += cpu.sum
            over.ms1 += cpu.over_1ms
            over.ms10 += cpu.over_10ms
            over.ms100 += cpu.over_100ms
        }
    }
}

extension Scrape {
    /// The entity of a namespace's inode number as programs report it: the node for 0, nil for one that is gone.
    func entity(of netns: UInt32) -> EntityTable.Index? {
        netns == 0 ? EntityTable.nodeIndex : census.entityOfNamespace[NamespaceID(rawValue: UInt64(netns))]
    }
}
