// SPDX-License-Identifier: Apache-2.0

/// The status of a tracked connection, `enum ip_conntrack_status` in
/// `include/uapi/linux/netfilter/nf_conntrack_common.h`.
struct ConntrackStatus: OptionSet, Hashable, Sendable {
    let rawValue: UInt32

    static let seenReply = ConntrackStatus(rawValue: 1 << 1)
    static let assured = ConntrackStatus(rawValue: 1 << 2)
    static let sourceNAT = ConntrackStatus(rawValue: 1 << 4)
    static let destinationNAT = ConntrackStatus(rawValue: 1 << 5)

    private static let names = [
        "EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED", "SRC_NAT", "DST_NAT", "SEQ_ADJUST", "SRC_NAT_DONE",
        "DST_NAT_DONE", "DYING", "FIXED_TIMEOUT", "TEMPLATE", "NAT_CLASH", "HELPER", "OFFLOAD", "HW_OFFLOAD",
    ]

    /// The kernel's names of the bits that are set, without their `IPS_`.
    var names: [String] {
        Self.names.indices.filter { rawValue >> UInt32($0) & 1 != 0 }.map { Self.names[$0] }
    }
}

/// The states in which connection tracking sees connections; they are not those of sockets.
enum ConntrackState {
    /// `enum tcp_conntrack`; the last is that of connections that both sides open at once.
    private static let tcp = [
        "NONE", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE",
        "SYN_SENT2",
    ]
    /// `enum ct_dccp_states`.
    private static let dccp = [
        "NONE", "REQUEST", "RESPOND", "PARTOPEN", "OPEN", "CLOSEREQ", "CLOSING", "TIMEWAIT", "IGNORE", "INVALID",
    ]
    /// `enum sctp_conntrack`.
    private static let sctp = [
        "NONE", "CLOSED", "COOKIE_WAIT", "COOKIE_ECHOED", "ESTABLISHED", "SHUTDOWN_SENT", "SHUTDOWN_RECD",
        "SHUTDOWN_ACK_SENT", "HEARTBEAT_SENT", "HEARTBEAT_ACKED",
    ]

    /// The name of a state.
    ///
    /// - Parameter family: the type of the attribute it was in, `CTA_PROTOINFO_*`; nil for one that is not known.
    static func name(_ number: UInt8, family: UInt16) -> String? {
        let names: [String]
        switch family {
        case 1: names = tcp
        case 2: names = dccp
        case 3: names = sctp
        default: return nil
        }
        return Int(number) < names.count ? names[Int(number)] : "\(number)"
    }
}
