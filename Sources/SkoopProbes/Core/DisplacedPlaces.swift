// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF

/// What a program that includes `skoop/places.h` lost sight of, because too much was under way at once.
struct DisplacedPlaces: Sendable {
    private let program: AttachedProgram
    private let places: String
    private var reported: UInt64 = 0

    /// Reads those of a program.
    ///
    /// - Parameter places: what the program calls its places.
    init(_ program: AttachedProgram, of places: String = "packets") {
        self.program = program
        self.places = places
    }

    /// Counts those since the last time as values that are missing, under `<places>-displaced`.
    mutating func record(in scrape: Scrape) throws(ProbeError) {
        let global = BPFGlobalName<UInt64>("\(places)_displaced")
        let displaced = try program.access { object throws(BPFError) in try object.global(global) }
        guard displaced > reported else { return }
        scrape.problems.record("\(places)-displaced", count: displaced - reported)
        reported = displaced
    }
}
