// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF

/// What found no room in the rows of a program that includes `skoop/rows.h`, told once.
struct RowOverflow: Sendable {
    private let maps: [String]
    private var told: [String: UInt64] = [:]

    /// Watches the globals `<map>_full`.
    init(of maps: String...) { self.maps = maps }

    /// Counts what came since the last time among the scrape's problems, as `<map>-full`.
    mutating func report(_ object: borrowing LoadedBPFObject, _ scrape: Scrape) throws(BPFError) {
        for map in maps {
            let full: UInt64 = try object.global(BPFGlobalName("\(map)_full"))
            let before = told.updateValue(full, forKey: map) ?? 0
            if full > before { scrape.problems.record("\(map)-full", count: full - before) }
        }
    }
}
