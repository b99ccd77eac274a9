// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Requests take long, and not at the upstream.
public enum ClientSlowCase: Case {
    public static let arises =
        "The answer was there, and the request lasted much longer: the client sends its body or reads the answer "
        + "slowly, or the proxy itself has no CPU."

    public static let reproduction =
        "Clients that send the body of a request in pieces, seconds apart."

    public static let rule = Rule(
        "client-slow", guides: [.http, .jitter],
        symptom: "$request_time is long while $upstream_response_time is short",
        cause: "clients send their requests or read the answers slowly; the upstream is fast",
        when: Quantity.above(Measure(AccessMetric.own), 1) >= 3 && .shareAbove(Measure(AccessMetric.own), 1) >= 0.05
            && .shareAbove(Common.upstreamTime("header"), 1) < 0.05,
        confidence: 0.6,
        supports: [
            Clue(
                Quantity.level(Measure(TCPSummaryMetric.tcptxqueue), .maximum) >= 16384, weight: 0.5,
                "data waits in send queues")
        ],
        contradicts: [
            Clue(
                .ratio(Measure(CPUMetric.throttledPeriods), Measure(CPUMetric.periods)) >= 0.25, weight: 1,
                "the proxy's own CPU limit was used up")
        ],
        advice: [
            "look at which clients it is: one network, one kind of device",
            "see that it is not the proxy: its CPU throttling, its disk if it buffers there",
        ],
        checks: [
            "bytes and times of these lines: what throughput that is"
        ])
}
