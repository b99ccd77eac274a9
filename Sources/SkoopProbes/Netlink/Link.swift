// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// A network device as `RTM_GETLINK` describes it: what it is called and what it stands on.
///
/// Source: `rtnl_fill_ifinfo` in `net/core/rtnetlink.c`.
struct Link: Sendable, Hashable {
    /// The interface number.
    var index: UInt32
    /// The name, unique within its namespace; it may change.
    var name: String
    /// The kind of a virtual device, for example `vlan`; empty for hardware.
    var kind = ""
    var isLoopback = false
    /// The device below in the same namespace (`IFLA_LINK`); for one end of a pair, the other end.
    var lower: UInt32?
    /// Whether what is below lies in another namespace.
    var standsOnOtherNamespace = false
    /// The bridge, bond or team that it is a part of.
    var master: UInt32?
    /// Whether a bus device is behind it (`IFLA_PARENT_DEV_NAME`, 5.14 and later).
    var hasHardware = false

    /// Reads an `RTM_NEWLINK`; `nil` where the message has another type, no name, or is cut off.
    init?(_ message: borrowing NetlinkMessage) {
        guard message.type == 16, let index = message.payload.integer(at: 4, as: UInt32.self),
            let flags = message.payload.integer(at: 8, as: UInt32.self),
            var attributes = message.attributes(after: 16)
        else { return nil }
        self.init(index: index, name: "")
        // IFF_LOOPBACK
        isLoopback = flags & 8 != 0
        while let attribute = attributes.next() {
            switch attribute.type {
            case 3: name = attribute.payload.zeroTerminatedText
            case 5: lower = attribute.payload.integer(as: UInt32.self).flatMap { $0 == 0 || $0 == index ? nil : $0 }
            case 10: master = attribute.payload.integer(as: UInt32.self)
            case 18: kind = attribute.nested.first(1)?.payload.zeroTerminatedText ?? ""
            case 37: standsOnOtherNamespace = true
            case 56: hasHardware = true
            default: break
            }
        }
        if name.isEmpty { return nil }
    }

    /// Makes a device without relations.
    init(index: UInt32, name: String) {
        self.index = index
        self.name = name
    }

    /// Asks for all devices of the namespace, without statistics (`RTEXT_FILTER_SKIP_STATS`), which cost most.
    static var request: NetlinkRequest {
        var request = NetlinkRequest("RTM_GETLINK", type: 18, isDump: true)
        for _ in 0..<4 { request.append(UInt32(0)) }
        request.append(attribute: 29, UInt32(8))
        return request
    }
}
