// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The process closes sockets with data in them that it has not read.
public enum ResetUnreadDataCase: Case {
    public static let arises =
        "Whoever closes a socket without having read everything tells the other side by a reset that data was "
        + "lost. Typical: a server that answers early and closes, for example a request that is too large."

    public static let reproduction =
        "A server that closes connections without reading what arrived."

    public static let rule = Rule(
        "reset-unread-data", guides: [.reset],
        symptom: "clients see connection reset by peer in the middle of an exchange",
        cause: "the process closes connections with unread data, which resets them",
        when: Quantity.increase(Measure(TCPExtMetric.tcpabortonclose)) >= 3 && Common.serves
            && .ratio(Measure(TCPExtMetric.tcpabortonclose), Common.passiveOpens) >= 0.05,
        confidence: 0.75,
        supports: [
            Clue(
                Quantity.lasting(EventQuery(TCPResetEvent.active)) >= 3,
                "it goes on for some time")
        ],
        contradicts: [
            Clue(
                Quantity.lasting(EventQuery(TCPResetEvent.active)) < 2, weight: 2,
                "it was over at once, as when a process ends")
        ],
        explains: ["reset-by-peer", "connection-unknown", "upstream-broke-off"],
        advice: [
            "read requests to their end before closing, or shut down the sending side first and wait for "
                + "the other's end"
        ],
        checks: [
            "the process's log: limits of request sizes, errors"
        ])
}
