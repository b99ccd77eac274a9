// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A proxy was connected and waited in vain for an answer.
public enum UpstreamAnswerTimeoutCase: Case {
    public static let arises =
        "The upstream took the connection and did not answer within proxy_read_timeout: it waits itself for a "
        + "database or a lock, has no CPU, or never accepted the connection that the kernel took for it."

    public static let reproduction =
        "nginx in front of a server that answers later than proxy_read_timeout."

    public static let rule = Rule(
        "upstream-answer-timeout", guides: [.http],
        symptom: "a proxy answers 504",
        cause: "the upstream is connected, and does not answer in time",
        when: Quantity.increase(Common.requests("504", reaching: "header", "asked", "unknown")) >= 2
            && .ratio(Common.requests("504", reaching: "header", "asked", "unknown"), Common.allRequests) >= 0.01,
        confidence: 0.7,
        supports: [
            Clue(
                Quantity.above(Common.upstreamTime("header"), 1) >= 3, weight: 0.5,
                "other answers took more than a second")
        ],
        explains: [
            "upstream-slow", "client-gave-up", "reset-on-data", "reset-by-peer", "reset-unread-data",
            "connection-unknown",
        ],
        advice: [
            "find out what the upstream waits for: its log, its CPU throttling, the services that it asks itself"
        ],
        checks: [
            "whether $upstream_connect_time is short: then it is the application"
        ])
}
