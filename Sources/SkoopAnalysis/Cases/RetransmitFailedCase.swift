// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// TCP could not even send again.
public enum RetransmitFailedCase: Case {
    public static let arises =
        "What is to be sent again does not even leave this host: a BPF program - a network policy, systemd's "
        + "IPAddressDeny - or the queueing discipline refuses it, or memory is short."

    public static let reproduction =
        "BPF programs on devices that drop what is sent to a server, or what a server answers."

    public static let rule = Rule(
        "retransmit-failed", guides: [.loss, .http],
        symptom: "connections stall, or are never made",
        cause: "this host itself refuses to send: retransmissions fail before they have left it",
        // What is refused when it is sent first is not sent again, and is missed by the other side.
        when: Quantity.increase(Measure(TCPExtMetric.tcpretransfail)) >= 3
            || (Quantity.increase(Common.refusedByPrograms) >= 3 && (Common.suffers || Common.suffers.of(.peer))),
        confidence: 0.65,
        supports: [
            Clue(
                Quantity.increase(Common.refusedByPrograms) >= 1,
                "a BPF program dropped what was to be sent")
        ],
        explains: [
            "path-loss", "peer-gone", "connect-unanswered", "connect-slow", "handshake-incomplete", "mtu-black-hole",
            "upstream-connect-timeout",
        ] + Common.slowUpstreams,
        advice: [
            "look for BPF programs of a network policy: bpftool net, bpftool cgroup tree; compare with the policies "
                + "that select the pod",
            "check the device and its queueing discipline",
        ],
        checks: [
            "tc -s qdisc and tc filter show dev eth0 egress, in the namespace and on the node"
        ])
}
