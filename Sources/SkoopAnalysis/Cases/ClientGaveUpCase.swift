// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Clients close while the upstream still works.
public enum ClientGaveUpCase: Case {
    public static let arises =
        "A client waits for an answer for its own time and closes: nginx writes 499. The time went by at the "
        + "upstream."

    public static let reproduction =
        "nginx in front of a server that answers later than its clients wait."

    public static let rule = Rule(
        "client-gave-up", guides: [.http],
        symptom: "a proxy writes 499; clients report timeouts",
        cause: "clients gave up while the upstream had not answered",
        when: Quantity.above(Common.requests("499", reaching: "header", "asked"), 0.25) >= 3
            && .ratio(Common.requests("499", reaching: "header", "asked"), Common.allRequests) >= 0.01,
        confidence: 0.7,
        supports: [
            Clue(
                Quantity.above(Common.upstreamTime("header"), 1) >= 3, weight: 0.5,
                "other answers took more than a second")
        ],
        explains: ["upstream-slow", "reset-on-data", "reset-by-peer", "reset-unread-data", "connection-unknown"],
        advice: [
            "make the upstream faster, or let clients wait longer than the slowest answer that is wanted"
        ],
        checks: [
            "whether $request_time of all 499 is the same: that is the clients' limit of time"
        ])
}
