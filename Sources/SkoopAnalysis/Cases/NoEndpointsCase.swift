// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A proxy answers 503 by itself.
public enum NoEndpointsCase: Case {
    public static let arises =
        "The service has no endpoint that is ready - the probes fail, the selector matches nothing, a deployment "
        + "is at zero - and the ingress controller answers 503 itself."

    public static let reproduction =
        "nginx that answers 503 itself for one service."

    public static let rule = Rule(
        "no-endpoints", guides: [.http],
        symptom: "a proxy answers 503 for all requests to a service",
        cause: "the proxy has nobody to send requests to: the service has no endpoint that is ready",
        when: Quantity.increase(Common.requests("503", reaching: "none")) >= 3
            && .ratio(Common.requests("503", reaching: "none"), Common.allRequests) >= 0.5
            && Quantity.increase(Common.rejected) < 1,
        confidence: 0.65,
        explains: ["request-limit"],
        advice: [
            "look at the service's endpoints and at the readiness probes of its pods"
        ],
        checks: [
            "whether the proxy has a limit of requests or connections: those answer 503 too"
        ])
}
