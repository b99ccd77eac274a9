// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The header of an answer does not fit into the proxy's buffer.
public enum UpstreamHeaderTooLargeCase: Case {
    public static let arises =
        "The upstream sends a header, often with long cookies or tokens, that is longer than proxy_buffer_size: "
        + "the proxy gives up."

    public static let reproduction =
        "nginx in front of a server that sends a cookie of several pages."

    public static let rule = Rule(
        "upstream-header-too-large", guides: [.http],
        symptom: "a proxy answers 502 for some users, always the same",
        cause: "the header of the upstream's answer is larger than the proxy's buffer",
        when: Quantity.increase(Measure(AccessMetric.oversized)) >= 2,
        confidence: 0.85,
        explains: ["upstream-broke-off", "reset-unread-data", "reset-on-data", "reset-by-peer"],
        advice: [
            "raise proxy_buffer_size (nginx.ingress.kubernetes.io/proxy-buffer-size), or make cookies shorter"
        ],
        checks: [
            "\"upstream sent too big header\" in the proxy's error log"
        ])
}
