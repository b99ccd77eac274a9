// SPDX-License-Identifier: Apache-2.0

/// The softirqs of the kernel, in the order of their numbers (`include/linux/interrupt.h`).
enum SoftirqVector: String, Sendable, CaseIterable {
    case high = "hi"
    case timer
    case transmit = "net_tx"
    case receive = "net_rx"
    case block
    case poll = "irq_poll"
    case tasklet
    case scheduler = "sched"
    case highResolutionTimer = "hrtimer"
    case rcu

    /// The vector of a number; nil for one that no kernel has.
    init?(number: UInt32) {
        guard number < Self.allCases.count else { return nil }
        self = Self.allCases[Int(number)]
    }

    /// A word in which the bits of all named vectors are set.
    static func mask(of names: [String]) -> UInt32 {
        var mask: UInt32 = 0
        for (number, vector) in allCases.enumerated() where names.contains(vector.rawValue) {
            mask |= 1 << UInt32(number)
        }
        return mask
    }
}
