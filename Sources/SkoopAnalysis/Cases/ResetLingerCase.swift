// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A connection was reset because the process did not want to wait in FIN_WAIT2.
public enum ResetLingerCase: Case {
    public static let arises =
        "With TCP_LINGER2 below zero the kernel resets at close instead of waiting for the other side's end."

    public static let reproduction =
        "A server that sets TCP_LINGER2 to -1."

    public static let rule = Rule(
        "reset-linger", guides: [.reset],
        symptom: "clients see connection reset by peer at the end of an exchange",
        cause: "the process ends connections without waiting for the other side's end (TCP_LINGER2)",
        when: Quantity.increase(Measure(TCPExtMetric.tcpabortonlinger)) >= 3,
        confidence: 0.8,
        explains: ["reset-by-peer", "connection-unknown", "upstream-broke-off"],
        advice: [
            "do not set TCP_LINGER2 below zero; let the client close first"
        ],
        checks: [
            "the socket options of the process: strace -e setsockopt"
        ])
}
