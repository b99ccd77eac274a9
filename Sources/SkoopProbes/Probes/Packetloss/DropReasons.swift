// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders

/// What the running kernel's drop reasons are called, and which of them are no loss.
///
/// The numbers differ from kernel to kernel, so all of this comes from its type information; the upper half of a number
/// says whose it is: the core's, a queueing discipline's, Open vSwitch's, or that of wireless networks.
struct DropReasons: Sendable {
    /// `enum skoop_drop_meaning` for each number of the core.
    typealias Meanings = InlineArray<256, UInt8>

    /// The reasons that are no loss unless the configuration says otherwise: what was used up, thrown away with its
    /// closed socket, not meant for this host, there twice, or a copy for a capture that was too slow.
    static let ordinary = [
        "CONSUMED", "QUEUE_PURGE", "SOCKET_CLOSE", "UNIX_DISCONNECT", "UNIX_SKIP_OOB", "OTHERHOST",
        "PACKET_SOCK_ERROR", "DUP_FRAG", "TCP_RESET", "TCP_OLD_DATA", "TCP_OFOMERGE", "TCP_OLD_ACK", "TCP_OLD_SEQUENCE",
    ]

    /// Reasons that say only that nobody here wanted the packet, which is no loss where it was sent to many.
    private static let unwanted: Set = [
        "NO_SOCKET", "IP_INNOROUTES", "IP_INADDRERRORS", "IP_NOPROTO", "IP_INVALID_DEST", "IPV6DISABLED",
        "IPV6_NDISC_NS_OTHERHOST", "NO_TX_TARGET", "UNHANDLED_PROTO", "UNICAST_IN_L2_MULTICAST",
    ]

    /// The enumerations that reasons are in, and modules that may have one of them.
    static let enumerations: Set = [
        "skb_drop_reason", "qdisc_drop_reason", "ovs_drop_reason", "mac80211_drop_reason",
    ]
    static let modules = ["openvswitch", "mac80211"]

    private var names: [UInt32: String] = [:]

    /// Makes reasons of the kernel's enumerations.
    init(_ enumerations: [String: [(name: String, value: Int64)]]) {
        for (name, value) in Self.enumerations.flatMap({ enumerations[$0] ?? [] }) {
            // What only counts or marks a part of the number.
            if name.hasPrefix("__") || name.hasSuffix("_MAX") || name.hasSuffix("_MASK") { continue }
            names[UInt32(truncatingIfNeeded: value)] = Self.shortened(name)
        }
    }

    /// Whether the kernel gives reasons at all: since 5.17.
    var isEmpty: Bool { names.isEmpty }

    /// What a reason is called, as `NETFILTER_DROP`; a number where the kernel has no name for it, and empty where the
    /// kernel has none at all.
    func name(_ reason: UInt32) -> String {
        if isEmpty { return "" }
        return names[reason] ?? "0x\(String(reason, radix: 16))"
    }

    /// Those of `names` that the kernel does not have.
    func unknown(_ names: [String]) -> [String] {
        let known = Set(self.names.values)
        return names.filter { !known.contains($0) }
    }

    /// What each of the core's reasons means.
    ///
    /// - Parameter ordinary: the names of those that are no loss.
    func meanings(ordinary: [String]) -> Meanings {
        var meanings = Meanings(repeating: UInt8(SKOOP_DROP_LOSS.rawValue))
        var ordinary = Set(ordinary)
        // Kernels that do not tell old segments from forged ones call keep-alive probes this.
        if ordinary.contains("TCP_OLD_SEQUENCE"), !names.values.contains("TCP_OLD_SEQUENCE") {
            ordinary.insert("TCP_INVALID_SEQUENCE")
        }
        for (number, name) in names where number < meanings.count {
            let meaning =
                switch name {
                case _ where ordinary.contains(name): SKOOP_DROP_ORDINARY
                case "NETFILTER_DROP": SKOOP_DROP_NETFILTER
                case "NOT_SPECIFIED", "NOT_DROPPED_YET": SKOOP_DROP_UNSPECIFIED
                case _ where Self.unwanted.contains(name): SKOOP_DROP_UNWANTED
                default: SKOOP_DROP_LOSS
                }
            meanings[Int(number)] = UInt8(meaning.rawValue)
        }
        return meanings
    }

    private static func shortened(_ name: String) -> String {
        for prefix in ["SKB_DROP_REASON_", "SKB_"] where name.hasPrefix(prefix) {
            return String(name.dropFirst(prefix.count))
        }
        return name
    }
}
