// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A connection was given up because its peer did not answer any more.
public enum ResetTimeoutCase: Case {
    public static let arises =
        "Data, a probe of the window or a keep-alive probe stayed without acknowledgement until the kernel "
        + "gave up. The peer was switched off, its node died, or something between forgot the connection."

    public static let reproduction =
        "Answers to keep-alive probes, or to data of connections with a short TCP_USER_TIMEOUT, vanish."

    private static let opens = Measure(TCPMetric.passiveopens, TCPMetric.activeopens)

    public static let rule = Rule(
        "peer-gone", guides: [.reset],
        symptom: "the application sees ETIMEDOUT on an established connection; connection reset by peer on the "
            + "other side",
        cause: "connections were given up because the peer did not answer any more",
        // Clients of servers vanish every minute; servers of clients do not.
        when: (Quantity.increase(Measure(TCPExtMetric.tcpabortontimeout)) >= 1
            && (Quantity.increase(Common.passiveOpens) < 1 || .ratio(Common.activeOpens, Common.passiveOpens) > 1.5))
            || (Quantity.increase(Measure(TCPExtMetric.tcpabortontimeout)) >= 2
                && .ratio(Measure(TCPExtMetric.tcpabortontimeout), opens) >= 0.01),
        confidence: 0.7,
        supports: [
            Clue(
                Quantity.increase(Common.resets("TCP_ABORT_ON_TIMEOUT", "TCP_KEEPALIVE_TIMEOUT")) >= 1,
                "the kernel reset connections for this reason")
        ],
        explains: ["path-loss"],
        advice: [
            "find out what became of the peers: restarted, moved, or cut off by a firewall that forgets "
                + "idle connections",
            "set keep-alive intervals shorter than the idle timeouts of what is between",
        ],
        checks: [
            "how long the connections were idle: ss -to"
        ])
}
