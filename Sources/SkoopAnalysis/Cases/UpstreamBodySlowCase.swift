// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The upstream begins to answer soon and ends late.
public enum UpstreamBodySlowCase: Case {
    public static let arises =
        "The header comes soon, the rest in drips: the application streams what it has yet to find, the path "
        + "loses packets, or a slow client holds the proxy back whose buffers are full."

    public static let reproduction =
        "nginx in front of a server that sends its answer in pieces."

    public static let rule = Rule(
        "upstream-body-slow", guides: [.http, .jitter],
        symptom: "answers begin soon and take long",
        cause: "the upstream sends the rest of its answers slowly",
        when: Quantity.above(Common.upstreamTime("body"), 1) >= 3
            && .shareAbove(Common.upstreamTime("body"), 1) >= 0.05,
        confidence: 0.6,
        contradicts: [
            Clue(
                Quantity.increase(Measure(TCPExtMetric.tcpwinprobe)) >= 2, weight: 1,
                "clients of the proxy have closed their windows: they are slow")
        ],
        advice: [
            "compare with the upstream's own log; look for loss between the two",
            "where clients are slow: let the proxy buffer more (proxy_buffers, proxy_max_temp_file_size)",
        ],
        checks: [
            "$bytes_sent divided by $upstream_response_time: what throughput that is"
        ])
}
