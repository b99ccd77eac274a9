// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The process closes sockets without lingering, or data arrives after it has closed them.
public enum ResetOnDataCase: Case {
    public static let arises =
        "With SO_LINGER 0 a close is a reset. And whoever closes a socket while the other side still sends "
        + "has nobody to read that: the kernel resets."

    public static let reproduction =
        "A server that closes with SO_LINGER 0, or before the client has sent all."

    public static let rule = Rule(
        "reset-on-data", guides: [.reset],
        symptom: "clients see connection reset by peer",
        cause: "the process throws connections away: closed without lingering, or closed while data was "
            + "still arriving",
        // Proxies do so with connections of their own, to their upstream, whenever a client leaves.
        when: Quantity.increase(Measure(TCPExtMetric.tcpabortondata)) >= 3
            && .ratio(Common.activeOpens, Common.passiveOpens) <= 0.5
            && .ratio(Measure(TCPExtMetric.tcpabortondata), Common.passiveOpens) >= 0.05,
        confidence: 0.75,
        supports: [
            Clue(
                Quantity.lasting(EventQuery(TCPResetEvent.active, .process)) >= 3,
                "it goes on for some time")
        ],
        contradicts: [
            Clue(
                Quantity.lasting(EventQuery(TCPResetEvent.active, .process)) < 2, weight: 2,
                "it was over at once, as when a process ends")
        ],
        explains: ["reset-by-peer", "connection-unknown", "upstream-broke-off"],
        advice: [
            "do not set SO_LINGER to 0 in servers; shut down the sending side and read until the other's "
                + "end"
        ],
        checks: [
            "timeouts of the server that are shorter than those of its clients or proxies"
        ])
}
