// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A proxy was connected, and its upstream ended the connection without an answer.
public enum UpstreamBrokeOffCase: Case {
    public static let arises =
        "The upstream closes or resets the connection before it has answered: it crashes, is restarted, kills "
        + "requests that take too long, or closes idle connections just when the proxy uses one again."

    public static let reproduction =
        "nginx in front of a server that closes connections after it has read the request."

    public static let rule = Rule(
        "upstream-broke-off", guides: [.http, .reset],
        symptom: "a proxy answers 502; its error log says \"prematurely closed connection\" or \"reset by peer\"",
        cause: "the upstream closes connections before it has answered",
        when: Quantity.increase(Common.requests("502", reaching: "header", "asked")) >= 3
            && .ratio(Common.requests("502", reaching: "header", "asked"), Common.allRequests) >= 0.02,
        confidence: 0.7,
        contradicts: [
            Clue(
                Quantity.increase(Measure(AccessMetric.oversized)) >= 1, weight: 2,
                "answers had begun, with a header larger than the proxy's buffer"),
            Clue(
                Quantity.increase(Common.connects("refused")) >= 3, weight: 1,
                "attempts to connect were refused"),
        ],
        advice: [
            "look at the upstream's log for crashes, restarts and limits of time or size",
            "let the upstream keep idle connections longer than the proxy does",
        ],
        checks: [
            "$upstream_response_time of these lines: always the same means a limit of the upstream's"
        ])
}
