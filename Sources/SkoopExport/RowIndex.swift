// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Finds rows of a family that are the same series, in memory that is kept from family to family.
///
/// Rows without extra labels are marked in an array by entity; others go through an open hash table of row numbers,
/// where rows of equal hash are compared, so that no two series are ever taken for one.
struct RowIndex: Sendable {
    /// The number of the family that used a slot last, and the row it put there.
    private struct Slot {
        var family: UInt64 = 0
        var row = 0
    }

    private var slots: [Slot] = []
    private var family: UInt64 = 0

    /// The first row that repeats an earlier one.
    ///
    /// - Parameter entityCount: how many entities there are; those of the rows must be among them. Nil where the
    ///   entity is no part of the series.
    mutating func firstDuplicate(in rows: Family, entityCount: Int?) -> Int? {
        family += 1
        if !rows.metric.labels.extra.isEmpty { return firstHashedDuplicate(in: rows, usesEntities: entityCount != nil) }
        guard let entityCount else { return rows.count > 1 ? 1 : nil }
        grow(to: entityCount)
        let family = family
        let entities = rows.entities.span
        var slots = slots.mutableSpan
        for row in entities.indices {
            let slot = Int(entities[row])
            if slots[slot].family == family { return row }
            slots[slot] = Slot(family: family, row: row)
        }
        return nil
    }

    private mutating func firstHashedDuplicate(in rows: Family, usesEntities: Bool) -> Int? {
        // At most half full, so that a free slot is near.
        grow(to: 2 * rows.count)
        let family = family
        let entities = rows.entities.span
        let labels = rows.labelValues.span
        let width = rows.metric.labels.extra.count
        var slots = slots.mutableSpan
        let mask = slots.count - 1
        for row in entities.indices {
            var hasher = Hasher()
            if usesEntities { hasher.combine(entities[row]) }
            for label in row * width..<(row + 1) * width { hasher.combine(labels[label]) }
            var slot = hasher.finalize() & mask
            while slots[slot].family == family {
                let other = slots[slot].row
                let isSameEntity = !usesEntities || entities[other] == entities[row]
                if isSameEntity, Self.areEqual(labels, row * width, other * width, width) { return row }
                slot = (slot + 1) & mask
            }
            slots[slot] = Slot(family: family, row: row)
        }
        return nil
    }

    /// Compares bytes: what Unicode holds to be equal may still be two series.
    private static func areEqual(_ labels: Span<String>, _ one: Int, _ other: Int, _ width: Int) -> Bool {
        (0..<width).allSatisfy { labels[one + $0].utf8.elementsEqual(labels[other + $0].utf8) }
    }

    /// Makes the number of slots a power of two that is at least `count`.
    private mutating func grow(to count: Int) {
        guard count > slots.count else { return }
        var size = max(1024, slots.count)
        while size < count { size *= 2 }
        slots.append(contentsOf: repeatElement(Slot(), count: size - slots.count))
    }
}
