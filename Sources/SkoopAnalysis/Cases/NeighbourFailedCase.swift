// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The next hop does not answer ARP or neighbour discovery.
public enum NeighbourFailedCase: Case {
    public static let arises =
        "The host in the same network is gone, has another address, or its answers are lost: a wrong ARP "
        + "entry, a bridge port that is down, a duplicate address, security rules of the cloud for addresses."

    public static let reproduction =
        "Clients that connect to an address of their own network that nobody has."

    public static let rule = Rule(
        "neighbour-failed", guides: [.http, .loss],
        symptom: "connect() fails after three seconds with EHOSTUNREACH; packets to one neighbour vanish",
        cause: "the next hop does not answer ARP or neighbour discovery",
        when: Quantity.increase(Common.drops("NEIGH_FAILED", "NEIGH_QUEUEFULL", "NEIGH_DEAD")) >= 2
            || Quantity.increase(Common.unresolved) >= 2,
        confidence: 0.85,
        explains: Common.lost + ["connect-unreachable", "udp-send-errors"] + [
            "upstream-refused", "upstream-connect-timeout",
        ],
        advice: [
            "look at the neighbour's entry: ip neigh show, and whether the host is there",
            "check for duplicate addresses and for a full neighbour table "
                + "(net.ipv4.neigh.default.gc_thresh3)",
        ],
        checks: [
            "the destination of the events PacketLoss with reason NEIGH_FAILED"
        ])
}
