// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// TCP connections and segments of both IP versions, per network namespace: the `Tcp:` line of `/proc/net/snmp`.
public enum TCPMetric: String, MetricSet {
    case activeopens, passiveopens, retranssegs, attemptfails, estabresets, currestab, insegs, outsegs, inerrs, outrsts

    public static let probe = "tcp"
    public static let summary = "TCP connections, segments and resets over IPv4 and IPv6"

    public var definition: MetricDefinition {
        switch self {
        case .activeopens:
            count(
                "ActiveOpens", "TCP_MIB_ACTIVEOPENS", "TCP connections this side began to open",
                rise:
                    "More outgoing connections: more work, missing connection reuse, or clients that retry after failures."
            )
        case .passiveopens:
            count(
                "PassiveOpens", "TCP_MIB_PASSIVEOPENS",
                "TCP connections that peers opened and whose handshake was completed",
                rise:
                    "More incoming connections. A fall while clients still try points at a full accept queue or lost SYNs."
            )
        case .retranssegs:
            count(
                "RetransSegs", "TCP_MIB_RETRANSSEGS", "TCP segments sent again, SYN and SYN-ACK included",
                rise: "Segments or their acknowledgements are lost or late on the path, or the peer does not answer. "
                    + "Compare with outsegs: above about one in a thousand users notice.")
        case .attemptfails:
            count(
                "AttemptFails", "TCP_MIB_ATTEMPTFAILS", "TCP connections that failed before they were established",
                rise:
                    "Peers refuse, reset or do not answer: a closed port, a dead backend, or a SYN scan against this side."
            )
        case .estabresets:
            count(
                "EstabResets", "TCP_MIB_ESTABRESETS",
                "TCP connections that left ESTABLISHED or CLOSE_WAIT straight to CLOSE",
                rise:
                    "Connections end by reset or timeout instead of an orderly close: crashed or restarted processes, "
                    + "closes with unread data, timeouts of middle boxes.",
                correction:
                    "not resets received: it counts established connections that were aborted, whichever side did "
                    + "it, timeouts included")
        case .currestab:
            .gauge(
                "TCP connections that are ESTABLISHED now, from Linux 6.10 also those in CLOSE_WAIT",
                mib: MIBCounter(.tcp, "CurrEstab", .enumerator("TCP_MIB_CURRESTAB")),
                rise: "More connections are held: more load, a connection leak, or replies that have become slow.")
        case .insegs:
            count(
                "InSegs", "TCP_MIB_INSEGS", "TCP segments received, erroneous ones included",
                rise: "Traffic. A fall while clients are active points at loss or a fault before this host.")
        case .outsegs:
            count(
                "OutSegs", "TCP_MIB_OUTSEGS", "TCP segments sent, without those that only repeat data",
                rise: "Traffic. It is the base against which retranssegs is judged.")
        case .inerrs:
            count(
                "InErrs", "TCP_MIB_INERRS", "TCP segments received with a wrong header or checksum",
                rise: "Segments arrive corrupted: bad hardware, faulty checksum offload, or a device on the path that "
                    + "rewrites packets wrongly.")
        case .outrsts:
            count(
                "OutRsts", "TCP_MIB_OUTRSTS", "TCP segments sent with the RST flag",
                rise:
                    "This side refuses or aborts connections: no listener on the port, segments for connections it no "
                    + "longer knows, or processes that close with unread data.")
        }
    }

    private func count(
        _ field: String, _ enumerator: String, _ help: String, rise: String, correction: String? = nil
    ) -> MetricDefinition {
        .counter(help, mib: MIBCounter(.tcp, field, .enumerator(enumerator)), rise: rise, correction: correction)
    }
}
