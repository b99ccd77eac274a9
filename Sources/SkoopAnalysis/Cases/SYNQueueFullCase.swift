// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The queue of half-open connections is full: a SYN flood, or a burst larger than the backlog.
public enum SYNQueueFullCase: Case {
    public static let arises =
        "Each SYN takes a place until the handshake is complete. A flood from addresses that never answer, or "
        + "a burst over a long path, fills the queue; further SYNs are answered with a cookie or, where SYN "
        + "cookies are off, dropped."

    public static let reproduction =
        "SYNs from forged addresses to a listener with a small backlog, with SYN cookies on and off."

    public static let rule = Rule(
        "syn-queue-full", guides: [.http, .capacity],
        symptom: "new connections fail or take a second or more while the process accepts as usual",
        cause: "the queue of half-open connections was full: a SYN flood, or a backlog too small for the "
            + "burst",
        when: Quantity.increase(Common.fullSYNQueues) >= 3
            || (Quantity.increase(Measure(TCPExtMetric.listendrops)) >= 5
                && .ratio(Measure(TCPExtMetric.listenoverflows), Measure(TCPExtMetric.listendrops)) < 0.5),
        confidence: 0.8,
        supports: [
            Clue(
                Quantity.level(Measure(TCPSummaryMetric.tcpsynrecvconn), .maximum) >= 16,
                "many handshakes are incomplete")
        ],
        contradicts: [
            Clue(
                Quantity.increase(Common.fullSYNQueues) < 1, weight: 4,
                "no queue of half-open connections was full")
        ],
        explains: ["handshake-incomplete", "connect-unanswered", "connect-slow", "path-loss", "netfilter-drop"],
        advice: [
            "raise the listener's backlog, net.core.somaxconn and net.ipv4.tcp_max_syn_backlog",
            "keep net.ipv4.tcp_syncookies at 1; against a flood, limit SYNs per source in front of the "
                + "server",
        ],
        checks: [
            "where the SYNs come from, and whether those addresses ever finish a handshake"
        ])
}
