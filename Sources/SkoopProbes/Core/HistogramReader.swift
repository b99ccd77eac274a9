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

    /// How the program keeps them.
    enum Layout {
        /// One for each namespace and kind.
        case single
        /// Eight kinds of a namespace together: the program defines `HISTOGRAM_GROUPS`.
        case grouped
        /// The node's, by kind: the program defines `HISTOGRAM_KINDS`.
        case indexed
    }

    private let program: AttachedProgram
    private let layout: Layout
    private let isOfNode: Bool
    private static let groups: BPFPerCPUMapName<skoop_histogram_key, skoop_histogram_group> = "histograms"
    private static let kinds: BPFPerCPUMapName<UInt32, skoop_histogram> = "histograms"
    private static let histograms: BPFPerCPUMapName<skoop_histogram_key, skoop_histogram> = "histograms"
    private static let full: BPFGlobalName<UInt64> = "histograms_full"

    /// Reads those of a program.
    ///
    /// - Parameters:
    ///   - layout: how it keeps them.
    ///   - ofNode: whether what is in no namespace is the node's as such, rather than something whose namespace the kernel
    ///     does not say.
    init(_ program: AttachedProgram, _ layout: Layout = .single, ofNode: Bool = false) {
        self.program = program
        self.layout = layout
        isOfNode = ofNode
    }

    /// Gives the program room for so many kinds in each of 512 namespaces, or on a machine of many CPUs in fewer, since
    /// every CPU has histograms of its own: 32 MB of the kernel's memory are the most.
    static func makeRoom(for kinds: Int, in object: inout BPFObject) throws(BPFError) {
        try object.resize(histograms, entries: entries(of: skoop_histogram.self, kinds))
    }

    /// The same for groups of eight kinds.
    static func makeRoom(forGroups count: Int, in object: inout BPFObject) throws(BPFError) {
        try object.resize(groups, entries: entries(of: skoop_histogram_group.self, count))
    }

    private static func entries<Value>(of value: Value.Type, _ perNamespace: Int) -> Int {
        let size = MemoryLayout<Value>.stride * ((try? Host.possibleCPUs()) ?? 1)
        return min(512 * perNamespace, (32 << 20) / size)
    }

    /// The histograms of every entity of the scrape; those of namespaces that are gone are removed.
    func rows(_ scrape: Scrape) throws(ProbeError) -> [Row] {
        switch layout {
        case .single:
            try rows(scrape, Self.histograms) { key, entity, cpus in [Row(key.kind, entity, cpus)] }
        case .grouped:
            try rows(scrape, Self.groups) { key, entity, cpus in
                (0..<SKOOP_HISTOGRAM_GROUP).compactMap { number in
                    let row = Row(
                        key.kind * UInt32(SKOOP_HISTOGRAM_GROUP) + UInt32(number), entity, cpus.map { $0[number] })
                    return row.isEmpty ? nil : row
                }
            }
        case .indexed:
            try program.access { object throws(BPFError) in
                var rows: [Row] = []
                try object.map(Self.kinds).forEach { kind, cpus throws(BPFError) in
                    let row = Row(kind, EntityTable.nodeIndex, cpus)
                    if !row.isEmpty { rows.append(row) }
                }
                return rows
            }
        }
    }

    /// One row of each entity and kind: the node has what belongs to its namespace and what belongs to none.
    static func merged(_ rows: [Row]) -> [Row] {
        var merged: [Row] = []
        var positions: [SIMD2<UInt32>: Int] = [:]
        for row in rows {
            let key = SIMD2(UInt32(bitPattern: row.entity), row.kind)
            if let position = positions[key] {
                merged[position].add(row)
            } else {
                positions[key] = merged.count
                merged.append(row)
            }
        }
        return merged
    }

    private func rows<Value>(
        _ scrape: Scrape, _ name: BPFPerCPUMapName<skoop_histogram_key, Value>,
        _ make: (skoop_histogram_key, EntityTable.Index, [Value]) -> [Row]
    ) throws(ProbeError) -> [Row] {
        let full = try program.overflow(Self.full)
        if full > 0 { scrape.problems.record("histograms-full", count: full) }
        let owners = program.owners(scrape)
        return try program.access { object throws(BPFError) in
            let map = try object.map(name)
            var rows: [Row] = []
            var unknown: [skoop_histogram_key] = []
            try map.forEach { key, cpus throws(BPFError) in
                let entity = isOfNode && key.netns == 0 ? EntityTable.nodeIndex : owners.entity(of: key.netns)
                guard let entity else { return unknown.append(key) }
                rows += make(key, entity, cpus)
            }
            let gone = program.gone(Set(unknown.lazy.map(\.netns)), in: name.description)
            for key in unknown where gone.contains(key.netns) { try map.remove(key) }
            return Self.merged(rows)
        }
    }
}

extension skoop_histogram_group {
    fileprivate subscript(number: Int) -> skoop_histogram {
        let all: InlineArray<8, skoop_histogram> = [
            kinds.0, kinds.1, kinds.2, kinds.3, kinds.4, kinds.5, kinds.6, kinds.7,
        ]
        return all[number]
    }
}

extension HistogramReader.Row {
    fileprivate mutating func add(_ other: Self) {
        for slot in slots.indices { slots[slot] += other.slots[slot] }
        sum += other.sum
        over.ms1 += other.over.ms1
        over.ms10 += other.over.ms10
        over.ms100 += other.over.ms100
    }

    fileprivate var isEmpty: Bool { slots.allSatisfy { $0 == 0 } }

    fileprivate init(_ kind: UInt32, _ entity: EntityTable.Index, _ cpus: [skoop_histogram]) {
        self.init(
            entity: entity, kind: kind, slots: [UInt64](repeating: 0, count: Int(SKOOP_SLOTS)), sum: 0,
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
