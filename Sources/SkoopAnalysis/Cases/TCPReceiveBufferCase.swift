// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// TCP throws away what arrived because a socket's receive memory is full.
public enum TCPReceiveBufferCase: Case {
    public static let arises =
        "The process does not read, the window was open still, and segments carry little data for much "
        + "memory: small segments, or out of order ones."

    public static let reproduction =
        "By made-up evidence only so far."

    public static let rule = Rule(
        "tcp-receive-buffer", guides: [.loss, .capacity],
        symptom: "a connection stalls and goes on by timeouts",
        cause: "receive buffers of TCP sockets overflow: what had arrived is dropped",
        when: Quantity.increase(Common.pruned) >= 3 || Quantity.increase(Measure(TCPExtMetric.tcprcvqdrop)) >= 3
            || Quantity.increase(Measure(TCPExtMetric.tcpbacklogdrop)) >= 3,
        confidence: 0.7,
        explains: ["path-loss", "peer-reads-slowly"],
        advice: [
            "let the process read faster; raise net.ipv4.tcp_rmem and net.core.rmem_max"
        ],
        checks: [
            "ss -tm: the sockets' skmem"
        ])
}
