// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// The per-CPU counters of connection tracking, `struct ip_conntrack_stat`, 32 bits wide each.
enum ConntrackCounter: Int, CaseIterable {
    case found, invalid, ignore, insert, insertFailed, drop, earlyDrop, error, searchRestart, clashResolve, chainTooLong

    /// The counter's `CTA_STATS_*` in `include/uapi/linux/netfilter/nfnetlink_conntrack.h`.
    init?(attribute: UInt16) {
        switch attribute {
        case 2: self = .found
        case 4: self = .invalid
        case 5: self = .ignore
        case 8: self = .insert
        case 9: self = .insertFailed
        case 10: self = .drop
        case 11: self = .earlyDrop
        case 12: self = .error
        case 13: self = .searchRestart
        case 14: self = .clashResolve
        case 15: self = .chainTooLong
        default: return nil
        }
    }

    /// The counter's column in `/proc/net/stat/nf_conntrack`, `ct_cpu_seq_show` in `net/netfilter/nf_conntrack_standalone.c`.
    init?(column: Span<UInt8>) {
        if column.equals("found") {
            self = .found
        } else if column.equals("invalid") {
            self = .invalid
        } else if column.equals("ignore") {
            self = .ignore
        } else if column.equals("insert") {
            self = .insert
        } else if column.equals("insert_failed") {
            self = .insertFailed
        } else if column.equals("drop") {
            self = .drop
        } else if column.equals("early_drop") {
            self = .earlyDrop
        } else if column.equals("icmp_error") {
            self = .error
        } else if column.equals("search_restart") {
            self = .searchRestart
        } else if column.equals("clashres") {
            self = .clashResolve
        } else if column.equals("chainlength") {
            self = .chainTooLong
        } else {
            return nil
        }
    }
}

/// What one namespace's connection tracking says at one moment.
struct ConntrackReading: Sendable {
    /// `ConntrackCounter.allCases.count` values per CPU.
    var counters: [UInt32] = []
    /// Which counters the running kernel has.
    var available = [Bool](repeating: false, count: ConntrackCounter.allCases.count)
    /// Connections tracked now.
    var entries: UInt64?
    /// How many may be.
    var limit: UInt64?

    /// Adds a CPU whose counters are zero until set.
    mutating func addCPU() { counters.append(contentsOf: repeatElement(0, count: ConntrackCounter.allCases.count)) }

    /// Sets a counter of the last CPU.
    mutating func set(_ counter: ConntrackCounter, _ value: UInt32) {
        counters[counters.count - ConntrackCounter.allCases.count + counter.rawValue] = value
        available[counter.rawValue] = true
    }
}

/// Sums a namespace's counters over CPUs in 64 bits: the kernel's wrap at 2^32 and never begin anew.
struct ConntrackTally: Sendable {
    private var last: [UInt32]
    private(set) var totals: [UInt64]

    init(_ first: [UInt32]) {
        last = first
        totals = [UInt64](repeating: 0, count: ConntrackCounter.allCases.count)
        for (place, value) in first.enumerated() { totals[place % totals.count] += UInt64(value) }
    }

    /// Takes in the next reading.
    mutating func advance(to next: [UInt32]) {
        guard next.count == last.count else {
            self = ConntrackTally(next)
            return
        }
        for place in next.indices { totals[place % totals.count] += UInt64(next[place] &- last[place]) }
        last = next
    }
}
