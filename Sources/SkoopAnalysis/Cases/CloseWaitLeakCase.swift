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

    private static let waiting = Measure(TCPSummaryMetric.tcpclosewaitconn)
    private static let grows = Quantity.change(waiting, floor: 5) >= 2
    /// What lasts as long as clients and servers have been connected: both ends open connections.
    private static func stay(_ count: Double, perSecond rate: Double) -> Condition {
        Quantity.level(waiting, .minimum) >= count && Quantity.rate(Common.passiveOpens) <= rate
            && Quantity.rate(Common.activeOpens) <= rate
    }

    public static let rule = Rule(
        "close-wait-leak", guides: [.capacity],
        symptom: "connections in CLOSE_WAIT grow without end; later \"too many open files\"",
        cause: "the process does not close connections that its peers have closed",
        when: (Quantity.level(waiting, .last) >= 20
            && (.fill(waiting, Measure(TCPSummaryMetric.tcpestablishedconn)) >= 0.5
                || Quantity.level(Measure(TCPSummaryMetric.tcpestablishedconn), .last) < 10)
            && grows)
            // However slowly it grows: so many at all times, with so few new ones, have been there for seconds each.
            || stay(20, perSecond: 2) || stay(100, perSecond: 10) || stay(400, perSecond: 40)
            || stay(2000, perSecond: 200),
        confidence: 0.65,
        contradicts: [
            Clue(!grows, weight: 0.3, "their number does not grow quickly")
        ],
        advice: [
            "look for a path in the code that loses sockets: an error handler, a pool without eviction"
        ],
        checks: [
            "which peer: ss -tnp state close-wait"
        ])
}
