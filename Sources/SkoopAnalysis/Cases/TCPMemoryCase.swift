// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// TCP has used up its memory.
public enum TCPMemoryCase: Case {
    public static let arises =
        "All sockets of the host together hold more data than net.ipv4.tcp_mem allows: readers that are slow, "
        + "or very many connections. The kernel makes windows small, drops what arrives and in the end kills "
        + "connections."

    public static let reproduction =
        "Unread data beyond a low net.ipv4.tcp_mem."

    public static let rule = Rule(
        "tcp-memory", guides: [.capacity, .reset, .jitter],
        symptom: "everything is slow, then connections are reset",
        cause: "TCP's memory is used up: net.ipv4.tcp_mem",
        // The time under pressure is counted where the socket is that happens to notice its end, be it hours later.
        when: (Quantity.increase(Measure(TCPExtMetric.tcpmemorypressures)) >= 1
            || Quantity.increase(Measure(TCPExtMetric.tcpmemorypressureschrono)) >= 1)
            && (Quantity.increase(Common.pruned) >= 1 || Quantity.increase(Measure(TCPExtMetric.tcpabortonmemory)) >= 1
                || Quantity.increase(Common.drops("PROTO_MEM")) >= 1
                || Quantity.increase(Measure(TCPExtExtraMetric.toZeroWindow)) >= 3
                || Quantity.increase(Measure(TCPExtMetric.tcpwinprobe)) >= 2
                || Quantity.above(Measure(SocketLatencyExtraMetric.write), 0.5) >= 3
                || (Quantity.increase(Common.retransmitted) >= 5
                    && .ratio(Common.retransmitted, Common.sentSegments) >= 0.01)),
        confidence: 0.85,
        supports: [
            Clue(
                Quantity.increase(Measure(TCPExtMetric.tcpabortonmemory)) >= 1,
                "connections were killed for want of memory"),
            Clue(
                Quantity.increase(Common.pruned) >= 1, weight: 0.5,
                "what had arrived was thrown away"),
        ],
        explains: Common.lost + ["tcp-receive-buffer", "slow-reader", "orphan-limit"],
        advice: [
            "find who holds the data: ss -tm, the queues of skoop_tcp_sockets by pod",
            "raise net.ipv4.tcp_mem if the host has the memory",
        ],
        checks: [
            "the third value of net.ipv4.tcp_mem against kubeskoop_sock_mem"
        ])
}
