// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// The counters of a device that `/proc/net/dev` shows in KubeSkoop's columns, in the order of `NetdevMetric`.
///
/// Source: `struct rtnl_link_stats64` of `RTM_GETSTATS` (`IFLA_STATS_LINK_64`, 4.7 and later) and `dev_seq_printf_stats` in
/// `net/core/net-procfs.c`, whose column `drop` also counts what the device itself had no buffer for.
enum LinkStatistics {
    /// How many counters there are.
    static let width = 8

    /// The columns' names in `struct rtnl_link_stats64`, as places in it; `drop` adds ``missedErrors``.
    private static let fields = [
        2,  // rx_bytes
        4,  // rx_errors
        0,  // rx_packets
        6,  // rx_dropped
        3,  // tx_bytes
        5,  // tx_errors
        1,  // tx_packets
        7,  // tx_dropped
    ]
    private static let missedErrors = 15

    /// Asks for the statistics of all devices of the namespace.
    static var request: NetlinkRequest {
        var request = NetlinkRequest("RTM_GETSTATS", type: 94, isDump: true)
        request.append(UInt32(0))
        request.append(UInt32(0))
        request.append(UInt32(1))
        return request
    }

    /// Reads an `RTM_NEWSTATS` and appends its counters; returns the interface number, `nil` where something is missing.
    static func read(_ message: borrowing NetlinkMessage, into counters: inout [UInt64]) -> UInt32? {
        guard message.type == 92, let index = message.payload.integer(at: 4, as: UInt32.self),
            let statistics = message.attributes(after: 12)?.first(1)?.payload,
            let missed = statistics.integer(at: 8 * missedErrors, as: UInt64.self)
        else { return nil }
        for (column, field) in fields.enumerated() {
            guard let value = statistics.integer(at: 8 * field, as: UInt64.self) else { continue }
            counters.append(column == 3 ? value &+ missed : value)
        }
        return index
    }
}
