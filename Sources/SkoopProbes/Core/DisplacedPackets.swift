// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF

/// Packets that a program which includes `skoop/packets.h` lost sight of, because too many were under way at once.
struct DisplacedPackets: Sendable {
    private let program: AttachedProgram
    private var reported: UInt64 = 0
    private static let displaced: BPFGlobalName<UInt64> = "packets_displaced"

    /// Reads those of a program.
    init(_ program: AttachedProgram) { self.program = program }

    /// Counts those since the last time as values that are missing.
    mutating func record(in scrape: Scrape) throws(ProbeError) {
        let displaced = try program.access { object throws(BPFError) in try object.global(Self.displaced) }
        guard displaced > reported else { return }
        scrape.problems.record("packets-displaced", count: displaced - reported)
        reported = displaced
    }
}
