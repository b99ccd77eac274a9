// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF

/// What the kernel tells of a probe's programs and maps.
public struct ProgramDetails: Sendable, Hashable {
    /// A program that is loaded.
    public struct Program: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// What it is attached to; none where it runs when it is called, as iterators and tail calls do.
        public var hooks: [String]
        /// How often it ran while the kernel measured (`BPF_ENABLE_STATS`).
        public var runs: UInt64
        /// How long these runs took, with the reading of the clock.
        public var runTime: Duration
        /// How often the kernel left it out since it was running on that CPU (5.12, else 0).
        public var missed: UInt64
        /// Instructions that the verifier looked at (5.16, else 0).
        public var verifiedInstructions: Int
        /// The size of its machine code in bytes.
        public var codeSize: Int
    }

    /// A map of these programs.
    public struct Map: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// `hash`, `ring buffer` and so on.
        public var kind: String
        /// How many entries it may hold; bytes of a ring buffer.
        public var capacity: Int
        /// How many there are; `nil` where all are always there, and of ring buffers.
        public var entries: Int?
        /// Whether there are more, which were not counted.
        public var hasMore: Bool
        /// Bytes of a key and a value, the values of all CPUs not included.
        public var entrySize: Int
    }

    /// The programs.
    public var programs: [Program] = []
    /// The maps.
    public var maps: [Map] = []

    /// Makes one of nothing.
    public init() {}
}

extension AttachedProgram {
    /// What the kernel tells of the programs and maps; what it does not tell is left out.
    func details(countingAtMost limit: Int) -> ProgramDetails {
        var details = ProgramDetails()
        try? access { object throws(BPFError) in
            for name in object.programNames.map({ BPFProgramName($0) }) {
                guard let statistics = try? object.statistics(of: name) else { continue }
                details.programs.append(
                    ProgramDetails.Program(
                        name: name.description, hooks: hooks[name] ?? [], runs: statistics.runs,
                        runTime: statistics.runTime, missed: statistics.missed,
                        verifiedInstructions: statistics.verifiedInstructions, codeSize: statistics.codeSize))
            }
            for fill in object.mapFills(countingAtMost: limit) {
                details.maps.append(
                    ProgramDetails.Map(
                        name: fill.info.name, kind: fill.info.kind.description, capacity: fill.info.maxEntries,
                        entries: fill.entries, hasMore: fill.hasMore,
                        entrySize: fill.info.keySize + fill.info.valueSize))
            }
        }
        return details
    }
}
