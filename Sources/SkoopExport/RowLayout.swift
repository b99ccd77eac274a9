// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// How the rows of one family are put together: pieces that are the same in every row, and what goes between them.
///
/// A row is the opening or, from the second on, the joint that ends one row and opens the next; the entity's block; for
/// each extra label its lead and its escaped value, then the lead of the value; and the value. A family without extra
/// labels needs no lead: its blocks end in one.
struct RowLayout {
    /// Positions of the fixed pieces in ``pieces``; the leads of the extra labels follow.
    private enum Piece { static let opening = 0, joint = 1, valueLead = 2, extras = 3 }

    private var pieces = PaddedTable()
    private var fixedSize = 0
    private var scratch: [UInt8] = []
    private var hasEntities = true
    /// How many bytes at the end of each block are left out.
    private var trimmed: Int32 = 0
    private var escaping = Escaping.quoted
    /// What ends the last row.
    private(set) var ending = ""

    /// Sets the pieces of a family.
    ///
    /// - Parameters:
    ///   - opening: what begins a row.
    ///   - separator: what stands between two rows.
    ///   - extras: what stands before the value of each extra label.
    ///   - valueLead: what stands before the value, unless the block ends in it.
    ///   - ending: what ends a row.
    ///   - blockLead: the lead of the value in which blocks end; nil for a family without entities.
    mutating func set(
        opening: [String], separator: String, extras: (Int) -> [String], extraCount: Int, valueLead: String,
        ending: String, blockLead: String?, escaping: Escaping
    ) {
        self.ending = ending
        self.escaping = escaping
        hasEntities = blockLead != nil
        let isLeadInBlock = hasEntities && extraCount == 0
        trimmed = isLeadInBlock ? 0 : Int32(blockLead?.utf8.count ?? 0)
        pieces.removeAll()
        add(opening)
        add([ending, separator] + opening)
        add(isLeadInBlock ? [] : [valueLead])
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
        // The cursor is a local of the loop's function: as an argument it would live in memory, and every row would
        // wait for what the row before it stored there.
        (progress, chunk.count) = render(
            family, blocks: blocks, from: start, limit: limit, at: chunk.count, in: &chunk.storage)
    }

    private func render(
        _ family: Family, blocks: PaddedTable, from start: Progress, limit: Int, at position: Int,
        in storage: inout [UInt8]
    ) -> (Progress, Int) {
        var elements = storage.mutableSpan
        var cursor = ByteCursor(elements.mutableBytes, at: position)
        var progress = start
        progress.needed = 0
        let entities = family.entities.span
        let values = family.values.span
        let vectors = pieces.vectors.span
        let entries = pieces.entries.span
        let blockVectors = blocks.vectors.span
        let blockEntries = blocks.entries.span
        let decimals = family.metric.decimals
        let width = fixedSize + Decimal8.width(decimals: decimals)
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
                block.length -= trimmed
            }
            for extra in 0..<extraCount {
                size += family.labelValues[row * extraCount + extra].utf8.count * escaping.growth
            }
            guard cursor.hasRoom(for: size) else {
                progress.needed = size
                break
            }
            cursor.put(entries[progress.hasWritten ? Piece.joint : Piece.opening], of: vectors)
            if hasEntities { cursor.put(block, of: blockVectors) }
            for extra in 0..<extraCount {
                cursor.put(entries[Piece.extras + extra], of: vectors)
                cursor.put(family.labelValues[row * extraCount + extra], escaping: escaping)
            }
            cursor.put(entries[Piece.valueLead], of: vectors)
            cursor.put(values[row], decimals: decimals)
            progress.hasWritten = true
            progress.row += 1
        }
        return (progress, cursor.position)
    }
}
