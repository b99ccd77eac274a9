// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// There are more connections in TIME_WAIT than the kernel keeps.
public enum TimeWaitBuildUpCase: Case {
    public static let arises =
        "Whoever closes first keeps the connection for a minute. Short connections at a high rate fill the "
        + "table; above net.ipv4.tcp_max_tw_buckets the kernel forgets them at once, and late segments meet "
        + "resets."

    public static let reproduction =
        "Short connections at a high rate in a namespace with a low limit."

    public static let rule = Rule(
        "time-wait-build-up", guides: [.capacity, .reset],
        symptom: "tens of thousands of connections in TIME_WAIT, sometimes resets of new connections",
        cause: "short connections build up in TIME_WAIT faster than they expire",
        when: Quantity.increase(Measure(TCPExtExtraMetric.timeWaitOverflow)) >= 10
            // Four hundred short connections a second reach that, and harm nobody as long as there are ports.
            || (Quantity.level(Measure(TCPSummaryMetric.tcptimewaitconn), .last) >= 25000
                && Quantity.increase(Common.connects("no-port")) >= 1),
        confidence: 0.75,
        supports: [
            Clue(
                Quantity.increase(Measure(TCPExtExtraMetric.timeWaitOverflow)) >= 10,
                "the kernel forgot connections because there were too many")
        ],
        advice: [
            "let clients keep their connections: HTTP keep-alive, connection pools",
            "raise net.ipv4.tcp_max_tw_buckets if the memory is there",
        ],
        checks: [
            "which side closes first, and which peer it is"
        ])
}
