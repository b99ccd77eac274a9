// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A proxy refuses requests beyond a limit.
public enum RequestLimitCase: Case {
    public static let arises =
        "limit_req or limit_conn of the proxy lets so many requests or connections of a client pass, and refuses "
        + "the rest with 503 or 429. Clients behind one address share what is allowed."

    public static let reproduction =
        "nginx with limit_req, and clients that ask more often."

    public static let rule = Rule(
        "request-limit", guides: [.http, .capacity],
        symptom: "a proxy answers 503 or 429 to some requests, while others pass",
        cause: "a limit of the proxy refuses requests",
        when: Quantity.increase(Common.rejected) >= 3
            || (Quantity.increase(Common.requests("503", "429", reaching: "none")) >= 3
                && .ratio(Common.requests("503", "429", reaching: "none"), Common.allRequests) >= 0.02
                && .ratio(Common.requests("503", "429", reaching: "none"), Common.allRequests) < 0.5),
        confidence: 0.7,
        supports: [
            Clue(
                Quantity.increase(Common.rejected) >= 3, weight: 2,
                "the log says that a limit refused them")
        ],
        advice: [
            "see which limit it is and which key it has; raise it or its burst if the load is honest"
        ],
        checks: [
            "\"limiting requests\" or \"limiting connections\" in the proxy's error log"
        ])
}
