// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Clients send their requests slowly, and give up or are given up.
public enum ClientSendsLateCase: Case {
    public static let arises =
        "A client connects and sends its request or the rest of it late - asynchronous clients, bad radio links "
        + "- until its own or the proxy's patience ends. No upstream was asked."

    public static let reproduction =
        "Clients that send half of a request's body, and wait."

    public static let rule = Rule(
        "client-sends-late", guides: [.http],
        symptom: "a proxy writes 408, 400 or 499 without an upstream",
        cause: "clients send their requests so slowly that they are given up before an upstream is asked",
        when: Quantity.above(Common.requests("408", "400", "499", reaching: "none"), 0.5) >= 3
            && .ratio(Common.requests("408", "400", "499", reaching: "none"), Common.allRequests) >= 0.01,
        confidence: 0.7,
        advice: [
            "look at the clients and their way: all of them, or those of one network",
            "client_body_timeout and client_header_timeout say how long the proxy waits",
        ],
        checks: [
            "$request_length against the length that the request should have"
        ])
}
