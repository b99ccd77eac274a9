// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// The devices of the default routes of the main table, IPv4 and IPv6.
///
/// Source: `RTM_GETROUTE`, `struct rtmsg` and `struct rtnexthop` in `include/uapi/linux/rtnetlink.h`.
struct DefaultRoutes: Sendable {
    private(set) var devices: Set<UInt32> = []

    /// Asks for all routes.
    static var request: NetlinkRequest {
        var request = NetlinkRequest("RTM_GETROUTE", type: 26, isDump: true)
        for _ in 0..<3 { request.append(UInt32(0)) }
        return request
    }

    /// Takes in one `RTM_NEWROUTE`.
    mutating func add(_ message: borrowing NetlinkMessage) {
        // rtm_dst_len 0, RT_TABLE_MAIN, RTN_UNICAST
        guard message.type == 24, message.payload.integer(at: 1, as: UInt8.self) == 0,
            message.payload.integer(at: 4, as: UInt8.self) == 254,
            message.payload.integer(at: 7, as: UInt8.self) == 1,
            let attributes = message.attributes(after: 12)
        else { return }
        if let device = attributes.first(4)?.payload.integer(as: UInt32.self) { devices.insert(device) }
        guard let hops = attributes.first(9)?.payload else { return }
        var offset = 0
        while let length = hops.integer(at: offset, as: UInt16.self), length >= 8,
            let device = hops.integer(at: offset + 4, as: UInt32.self)
        {
            devices.insert(device)
            offset += (Int(length) + 3) & ~3
        }
    }
}
