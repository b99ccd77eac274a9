// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// How the rows of one family are put together: pieces that are the same in every row, and what goes between them.
///
/// A row is the opening, the entity's block if `hasEntities`, for each extra label its lead and its escaped value, then
/// the value's lead, the value and the ending.
struct RowLayout {
    /// Positions of the fixed pieces in ``pieces``; the leads of the extra labels follow.
    private enum Piece { static let opening = 0, nextOpening = 1, valueLead = 2, ending = 3, extras = 4 }

    private var pieces = PaddedTable()
    private var fixedSize = 0
    private var scratch: [UInt8] = []
    private var hasEntities = true
    private var escaping = Escaping.quoted
    private let decimalTable = DecimalTable()

    /// Sets the pieces of a family.
    ///
    /// - Parameters:
    ///   - opening: what begins the first row.
    ///   - nextOpening: what begins every other.
    ///   - extras: what stands before the value of each extra label.
    ///   - valueLead: what stands before the value.
    ///   - ending: what ends a row.
    mutating func set(
        opening: [String], nextOpening: [String], extras: (Int) -> [String], extraCount: Int, valueLead: String,
        ending: String, hasEntities: Bool, escaping: Escaping
    ) {
        self.hasEntities = hasEntities
        self.escaping = escaping
        pieces.removeAll()
        add(opening)
        add(nextOpening)
        add([valueLead])
        add([ending])
        for position in 0..<extraCount { add(extras(position)) }
        fixedSize = pieces.entries.reduce(0) { $0 + Int($1.length) }
    }

    private mutating func add(_ strings: [String]) {
        scratch.removeAll(keepingCapacity: true)
        for string in strings { scratch.append(contentsOf: string.utf8) }
        pieces.append(scratch)
    }

    /// Where rendering stands in a family.
    struct Progress {
        /// The next row.
        var row = 0
        /// Whether a row was written; rows of entities that cannot be shown are left out.
        var hasWritten = false
        /// The room the next row needs, where it was lack of room that ended the rendering.
        var needed = 0
    }

    /// Renders rows from `progress` on until the family ends, the chunk is full, or the next row may not fit.
    func render(_ family: Family, blocks: PaddedTable, progress: inout Progress, into chunk: inout ChunkBuffer) {
        let limit = chunk.chunkSize
        let start = progress
        progress = chunk.write { cursor in
            render(family, blocks: blocks, from: start, limit: limit, into: &cursor)
        }
    }

    private func render(
        _ family: Family, blocks: PaddedTable, from start: Progress, limit: Int, into cursor: inout ByteCursor
    ) -> Progress {
        var progress = start
        progress.needed = 0
        let entities = family.entities.span
        let values = family.values.span
        let vectors = pieces.vectors.span
        let entries = pieces.entries.span
        let blockVectors = blocks.vectors.span
        let blockEntries = blocks.entries.span
        let decimals = family.metric.decimals
        let width = fixedSize + DecimalTable.width(decimals: decimals)
        let extraCount = entries.count - Piece.extras
        while progress.row < values.count, cursor.position < limit {
            let row = progress.row
            var size = width
            var block = PaddedTable.Entry(start: 0, length: 0)
            if hasEntities {
                let entity = Int(entities[row])
                if entity < 0 || entity >= blockEntries.count || blockEntries[entity].length < 0 {
                    progress.row += 1
                    continue
                }
                block = blockEntries[entity]
                size += Int(block.length)
            }
            for extra in 0..<extraCount {
                size += family.labelValues[row * extraCount + extra].utf8.count * escaping.growth
            }
            guard cursor.hasRoom(for: size) else {
                progress.needed = size
                break
            }
            cursor.put(entries[progress.hasWritten ? Piece.nextOpening : Piece.opening], of: vectors)
            if hasEntities { cursor.put(block, of: blockVectors) }
            for extra in 0..<extraCount {
                cursor.put(entries[Piece.extras + extra], of: vectors)
                cursor.put(family.labelValues[row * extraCount + extra], escaping: escaping)
            }
            cursor.put(entries[Piece.valueLead], of: vectors)
            cursor.put(values[row], decimals: decimals, decimalTable)
            cursor.put(entries[Piece.ending], of: vectors)
            progress.hasWritten = true
            progress.row += 1
        }
        return progress
    }
}
