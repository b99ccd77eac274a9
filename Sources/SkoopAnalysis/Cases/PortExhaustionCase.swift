// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A client has no port left towards a destination.
public enum PortExhaustionCase: Case {
    public static let arises =
        "Every connection to the same address and port needs a port of its own, and keeps it for a minute in "
        + "TIME_WAIT. Many short connections use up net.ipv4.ip_local_port_range."

    public static let reproduction =
        "Short connections at a high rate from a namespace with few ports."

    public static let rule = Rule(
        "port-exhaustion", guides: [.capacity, .http],
        symptom: "connect() fails at once with EADDRNOTAVAIL",
        cause: "no local port is left towards this destination",
        when: Quantity.increase(Common.connects("no-port")) >= 1
            || (Quantity.level(Measure(TCPSummaryMetric.tcptimewaitconn), .maximum) >= 25000
                && Quantity.increase(Measure(TCPMetric.attemptfails)) >= 1),
        confidence: 0.7,
        supports: [
            Clue(
                Quantity.increase(Common.connects("no-port")) >= 1, weight: 2,
                "connects failed for want of a port"),
            Clue(
                Quantity.level(Measure(TCPSummaryMetric.tcptimewaitconn), .maximum) >= 100, weight: 0.5,
                "many connections are in TIME_WAIT"),
        ],
        contradicts: [
            Clue(
                Quantity.increase(Common.connects("no-port")) < 1, weight: 4,
                "no connect failed for want of a port")
        ],
        explains: ["time-wait-build-up"],
        advice: [
            "keep connections alive and reuse them: a pool, HTTP keep-alive",
            "widen net.ipv4.ip_local_port_range; net.ipv4.tcp_tw_reuse helps clients",
        ],
        checks: [
            "to which destination: ss -tan state time-wait"
        ])
}
