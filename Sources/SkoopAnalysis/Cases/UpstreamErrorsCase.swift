// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The upstream itself answers with errors.
public enum UpstreamErrorsCase: Case {
    public static let arises =
        "The application answers 500, 502, 503 or 504 itself, and the proxy passes it on. No counter of the "
        + "network shows it."

    public static let reproduction =
        "nginx in front of a server that answers 503."

    public static let rule = Rule(
        "upstream-errors", guides: [.http],
        symptom: "a proxy passes on 5xx answers",
        cause: "the upstream itself answers with errors",
        when: Quantity.increase(Common.requests("500", "502", "503", "504", reaching: "answered")) >= 5
            && .ratio(Common.requests("500", "502", "503", "504", reaching: "answered"), Common.allRequests) >= 0.05,
        confidence: 0.75,
        advice: [
            "look at the upstream's own log; the way to it is fine"
        ],
        checks: [
            "$upstream_status and $upstream_addr of these lines: one instance, or all"
        ])
}
