// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The process does not close connections that its peers have closed.
public enum CloseWaitLeakCase: Case {
    public static let arises =
        "The peer has ended the connection, and the process does not notice or forgets to close: CLOSE_WAIT "
        + "stays until the process does something about it. Descriptors run out in the end."

    public static let reproduction =
        "A server that keeps sockets whose clients have closed."

    public static let rule = Rule(
        "close-wait-leak", guides: [.capacity],
        symptom: "connections in CLOSE_WAIT grow without end; later \"too many open files\"",
        cause: "the process does not close connections that its peers have closed",
        when: Quantity.level(Measure(TCPSummaryMetric.tcpclosewaitconn), .last) >= 20
            && (.fill(Measure(TCPSummaryMetric.tcpclosewaitconn), Measure(TCPSummaryMetric.tcpestablishedconn)) >= 0.5
                || Quantity.level(Measure(TCPSummaryMetric.tcpestablishedconn), .last) < 10)
            && Quantity.change(Measure(TCPSummaryMetric.tcpclosewaitconn), floor: 5) >= 2,
        confidence: 0.65,
        advice: [
            "look for a path in the code that loses sockets: an error handler, a pool without eviction"
        ],
        checks: [
            "which peer: ss -tnp state close-wait"
        ])
}
