// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// TCP throws away what arrived because a socket's receive memory is full.
public enum TCPReceiveBufferCase: Case {
    public static let arises =
        "More arrives than the receive window should have let through: a process makes SO_RCVBUF smaller after "
        + "the connection was made, or segments carry little data for much memory - small ones, or out of order."

    public static let reproduction =
        "A server that makes the receive buffers of its connections smaller than the windows which it has offered."

    public static let rule = Rule(
        "tcp-receive-buffer", guides: [.loss, .capacity],
        symptom: "a connection stalls and goes on by timeouts",
        cause: "receive buffers of TCP sockets overflow: what had arrived is dropped",
        when: Quantity.increase(Common.pruned) >= 3 || Quantity.increase(Measure(TCPExtMetric.tcprcvqdrop)) >= 3
            || Quantity.increase(Measure(TCPExtMetric.tcpbacklogdrop)) >= 3,
        confidence: 0.7,
        explains: ["path-loss", "peer-reads-slowly"],
        advice: [
            "set SO_RCVBUF before listen() or connect(), or leave it to the kernel; raise net.ipv4.tcp_rmem and "
                + "net.core.rmem_max",
            "let the process read faster",
        ],
        checks: [
            "ss -tm: the sockets' skmem"
        ])
}
