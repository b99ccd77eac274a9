// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPFHeaders

/// Functions whose drops mean something of their own where the kernel gives no reason: before 5.17 always, later where
/// it says `NOT_SPECIFIED`.
enum DropPlaces {
    /// As many as the program has room for.
    typealias Table = InlineArray<48, skoop_place>

    /// The functions and what they mean (`enum skoop_place_meaning`).
    private static let meanings: [String: UInt32] = {
        var meanings: [String: UInt32] = [:]
        for name in ["nf_hook_slow", "nf_hook_slow_list", "nft_do_chain"] {
            meanings[name] = SKOOP_PLACE_NETFILTER.rawValue
        }
        // All but the first segment of a connection may as well be the last one of a connection that is over.
        for name in ["tcp_v4_rcv", "tcp_v6_rcv", "tcp_v4_do_rcv", "tcp_v6_do_rcv"] {
            meanings[name] = SKOOP_PLACE_TCP_RECEIVE.rawValue
        }
        for name in ordinary { meanings[name] = SKOOP_PLACE_ORDINARY.rawValue }
        return meanings
    }()

    /// What they free was used up, was in a socket that is closed, or was a copy.
    private static let ordinary = [
        // What is left in the queues of sockets that are closed.
        "sk_stream_kill_queues", "inet_sock_destruct", "skb_queue_purge", "skb_queue_purge_reason",
        "skb_errqueue_purge", "skb_rbtree_purge", "tcp_write_queue_purge", "unix_release_sock",
        // Segments without data, once they are looked at.
        "tcp_rcv_state_process",
        // Messages that the kernel has answered, and answers that a raw socket has had a copy of.
        "icmp_rcv", "icmpv6_rcv", "ping_rcv", "igmp_rcv", "ip6_mc_input",
        // Copies for captures.
        "packet_rcv", "packet_rcv_spkt", "tpacket_rcv",
        // Messages within the host.
        "nfnetlink_rcv_batch", "netlink_unicast", "netlink_broadcast_filtered",
    ]

    /// The functions as they are in memory, and how many places they are.
    static func table(_ functions: KernelFunctions) -> (places: Table, count: UInt32) {
        var places = Table(repeating: skoop_place())
        var count = 0
        for (function, range) in functions.ranges(of: Set(meanings.keys)) where count < places.count {
            places[count] = skoop_place(
                start: range.lowerBound, end: range.upperBound, meaning: meanings[function] ?? 0, reserved: 0)
            count += 1
        }
        return (places, UInt32(count))
    }
}
