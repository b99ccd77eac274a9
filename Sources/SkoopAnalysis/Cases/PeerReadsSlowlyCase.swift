// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The other side does not take the data.
public enum PeerReadsSlowlyCase: Case {
    public static let arises =
        "Its process reads slowly, its window is closed, and data waits here in the send queue."

    public static let reproduction =
        "A server that does not read, whose host is not watched."

    public static let rule = Rule(
        "peer-reads-slowly", guides: [.jitter, .http],
        symptom: "sending blocks; answers come late",
        cause: "the other side reads too slowly: its receive window is closed",
        when: Quantity.increase(Measure(TCPExtMetric.tcpwinprobe)) >= 2
            || (Quantity.above(Measure(SocketLatencyExtraMetric.write), 0.5) >= 3
                && .shareAbove(Measure(SocketLatencyExtraMetric.write), 0.5) >= 0.03
                && .ratio(Common.retransmitted, Common.sentSegments) < 0.005),
        confidence: 0.6,
        supports: [
            Clue(
                Quantity.increase(Measure(TCPExtMetric.tcpwinprobe)) >= 2,
                "closed windows were probed"),
            Clue(
                Quantity.level(Measure(TCPSummaryMetric.tcptxqueue), .mean) >= 4096, weight: 0.5,
                "data waits in send queues"),
        ],
        explains: ["client-slow", "upstream-body-slow"],
        advice: [
            "look at the other side: its process, its CPU, its receive queues"
        ],
        checks: [
            "which peers: ss -tni, rwnd_limited"
        ])
}
