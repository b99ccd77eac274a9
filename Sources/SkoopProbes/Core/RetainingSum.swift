// SPDX-License-Identifier: Apache-2.0

/// Sums counters over parts that come and go, so that the sum of an owner never falls while the owner lives.
///
/// The kernel counts per device, control group or process; what is exported is the sum over a namespace or pod. When a
/// part goes, a plain sum falls by all it had counted, which a rate takes for a restart. Here its last value stays in the
/// sum until the owner itself is gone.
///
/// One round per scrape: ``begin()``, ``add(_:of:to:)`` for every part, ``keep(owner:)`` for every owner that lives,
/// ``end()``. A value is owned by one thread.
public struct RetainingSum<Owner: Hashable & Sendable, Part: Hashable & Sendable>: Sendable {
    /// What it means when a counter of a part is lower than before.
    public enum Fall: Sendable, Hashable {
        /// The identity was reused, or the part was reset: the old value stays in the sum and the new one is added.
        case newPart
        /// The identity is never reused and the reading was not atomic: the highest value seen counts.
        case misreading
    }

    private struct Slot: Sendable {
        var part: Part
        var owner: Int
        var round: UInt64
    }

    private struct OwnerState: Sendable {
        var owner: Owner
        var round: UInt64
        var holdsParts = false
    }

    /// How many counters a part has.
    public let width: Int
    private let fall: Fall
    private let narrow: Range<Int>
    private var round: UInt64 = 0
    private var slotOfPart: [Part: Int] = [:]
    private var slots: [Slot?] = []
    private var freeSlots: [Int] = []
    /// The last values, `width` per slot.
    private var latest: [UInt64] = []
    private var stateOfOwner: [Owner: Int] = [:]
    private var owners: [OwnerState?] = []
    private var freeOwners: [Int] = []
    /// What is in an owner's sum beyond the latest values of its parts, `width` per owner, modulo 2^64: a part that moved
    /// in takes with it what it had counted elsewhere as a negative amount.
    private var retained: [UInt64] = []
    /// The sums as of the last ``end()``, `width` per owner.
    private var totals: [UInt64] = []

    /// Makes an empty sum.
    ///
    /// - Parameters:
    ///   - width: how many counters a part has.
    ///   - fall: what a falling counter means.
    ///   - narrow: the counters that the kernel holds in 32 bits. When only such ones fall, they have passed 2^32, for a
    ///     new part would begin all of them anew.
    public init(width: Int, fall: Fall = .newPart, narrow: Range<Int> = 0..<0) {
        self.width = width
        self.fall = fall
        self.narrow = narrow
    }

    /// Starts a round.
    public mutating func begin() { round += 1 }

    /// Counts a part that is there.
    ///
    /// A part whose owner has changed goes on from where it is: what it had counted stays with the former owner.
    ///
    /// - Parameters:
    ///   - values: the part's counters as the kernel has them.
    ///   - part: unique over all owners at one time; put the namespace into it where the rest is not.
    ///   - owner: whose sum it belongs to; kept by this call.
    /// - Precondition: `width` values.
    public mutating func add(_ values: Span<UInt64>, of part: Part, to owner: Owner) {
        precondition(values.count == width, "a part has \(width) counters, not \(values.count)")
        let state = keptState(of: owner)
        guard let slot = slotOfPart[part] else {
            let slot = freeSlots.popLast() ?? addSlot()
            slots[slot] = Slot(part: part, owner: state, round: round)
            slotOfPart[part] = slot
            for column in 0..<width { latest[slot * width + column] = values[column] }
            return
        }
        if let former = slots[slot]?.owner, former != state {
            for column in 0..<width {
                retained[former * width + column] &+= latest[slot * width + column]
                retained[state * width + column] &-= latest[slot * width + column]
            }
        }
        slots[slot]?.owner = state
        slots[slot]?.round = round
        let hasWrapped = !(0..<width).contains {
            !narrow.contains($0) && values[$0] < latest[slot * width + $0]
        }
        for column in 0..<width {
            let before = latest[slot * width + column]
            guard values[column] < before else {
                latest[slot * width + column] = values[column]
                continue
            }
            if fall == .misreading { continue }
            retained[state * width + column] &+= hasWrapped ? 1 << 32 : before
            latest[slot * width + column] = values[column]
        }
    }

    /// Says that a part is still there although it could not be read.
    public mutating func keep(part: Part) {
        guard let slot = slotOfPart[part], let state = slots[slot]?.owner else { return }
        slots[slot]?.round = round
        owners[state]?.round = round
    }

    /// Says that an owner lives, whether it has parts now or not.
    public mutating func keep(owner: Owner) { _ = keptState(of: owner) }

    /// Says that an owner lives and that its parts could not be read: none of them has gone.
    public mutating func keep(partsOf owner: Owner) {
        owners[keptState(of: owner)]?.holdsParts = true
    }

    /// Ends a round: parts that were not added are gone, their values stay; owners that were not kept are forgotten.
    public mutating func end() {
        totals = retained
        for (index, slot) in slots.enumerated() {
            guard let slot, let owner = owners[slot.owner] else { continue }
            for column in 0..<width {
                totals[slot.owner * width + column] &+= latest[index * width + column]
            }
            if slot.round == round || (owner.holdsParts && owner.round == round) { continue }
            if owner.round == round {
                for column in 0..<width {
                    retained[slot.owner * width + column] &+= latest[index * width + column]
                }
            }
            slotOfPart[slot.part] = nil
            slots[index] = nil
            freeSlots.append(index)
        }
        for (index, state) in owners.enumerated() {
            guard let state else { continue }
            owners[index]?.holdsParts = false
            if state.round == round { continue }
            stateOfOwner[state.owner] = nil
            owners[index] = nil
            freeOwners.append(index)
            for column in 0..<width { retained[index * width + column] = 0 }
        }
    }

    /// The sums of all counters as of the last ``end()``; `nil` for an owner that is not known.
    public func totals(of owner: Owner) -> ArraySlice<UInt64>? {
        guard let state = stateOfOwner[owner], (state + 1) * width <= totals.count else { return nil }
        return totals[state * width..<(state + 1) * width]
    }

    /// The sum of one counter as of the last ``end()``; `nil` for an owner that is not known.
    public func total(of owner: Owner, column: Int) -> UInt64? {
        totals(of: owner).map { $0[$0.startIndex + column] }
    }

    /// How many parts and owners are remembered.
    public var size: (parts: Int, owners: Int) { (slotOfPart.count, stateOfOwner.count) }

    private mutating func keptState(of owner: Owner) -> Int {
        if let state = stateOfOwner[owner] {
            owners[state]?.round = round
            return state
        }
        let state = freeOwners.popLast() ?? addOwner()
        owners[state] = OwnerState(owner: owner, round: round)
        stateOfOwner[owner] = state
        return state
    }

    private mutating func addSlot() -> Int {
        slots.append(nil)
        latest.append(contentsOf: repeatElement(0, count: width))
        return slots.count - 1
    }

    private mutating func addOwner() -> Int {
        owners.append(nil)
        retained.append(contentsOf: repeatElement(0, count: width))
        return owners.count - 1
    }
}
