// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopSystem
import Synchronization

/// The requests for connection tracking's counters and how their replies are read.
///
/// Source: `ctnetlink_ct_stat_cpu_fill_info` and `ctnetlink_stat_ct_fill_info` in `net/netfilter/nf_conntrack_netlink.c`.
struct ConntrackRequests: Sendable {
    /// `IPCTNL_MSG_CT_GET_STATS_CPU` (4) of `NFNL_SUBSYS_CTNETLINK` (1): one message per CPU.
    private var perCPU = Self.request("IPCTNL_MSG_CT_GET_STATS_CPU", 4, isDump: true)
    /// `IPCTNL_MSG_CT_GET_STATS` (5): entries and limit.
    private var global = Self.request("IPCTNL_MSG_CT_GET_STATS", 5, isDump: false)
    private var buffer = [UInt8](repeating: 0, count: 32 << 10)

    private static func request(_ name: String, _ message: UInt16, isDump: Bool) -> NetlinkRequest {
        var request = NetlinkRequest(name, type: 1 << 8 | message, isDump: isDump)
        request.append(UInt32(0))
        return request
    }

    /// Asks for everything of the socket's namespace.
    ///
    /// - Returns: the reading, and how many messages were malformed.
    mutating func read(
        _ transport: inout some NetlinkTransport & ~Copyable
    ) throws(SystemError) -> (reading: ConntrackReading, malformed: Int) {
        var reading = ConntrackReading()
        var malformed = try transport.perform(
            &perCPU, buffer: &buffer, restart: { reading = ConntrackReading() }, { reading.add(perCPU: $0) })
        malformed += try transport.perform(&global, buffer: &buffer) { reading.add(global: $0) }
        return (reading, malformed)
    }
}

extension ConntrackReading {
    /// Takes in the message of one CPU; values are in network byte order.
    mutating func add(perCPU message: borrowing NetlinkMessage) {
        guard message.type == 1 << 8 | 4, var attributes = message.attributes(after: 4) else { return }
        addCPU()
        while let attribute = attributes.next() {
            guard let counter = ConntrackCounter(attribute: attribute.type),
                let value = attribute.payload.integer(as: UInt32.self)
            else { continue }
            set(counter, value.byteSwapped)
        }
    }

    /// Takes in the message with entries (1) and limit (2, 4.18 and later).
    mutating func add(global message: borrowing NetlinkMessage) {
        guard message.type == 1 << 8 | 5, let attributes = message.attributes(after: 4) else { return }
        entries = attributes.first(1)?.payload.integer(as: UInt32.self).map { UInt64($0.byteSwapped) }
        limit = attributes.first(2)?.payload.integer(as: UInt32.self).map { UInt64($0.byteSwapped) }
    }
}
