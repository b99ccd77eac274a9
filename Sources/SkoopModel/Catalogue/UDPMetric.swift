// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// UDP over IPv4, per network namespace: the `Udp:` line of `/proc/net/snmp`. For IPv6 see ``UDP6Metric``.
public enum UDPMetric: String, MetricSet {
    case indatagrams, noports, inerrors, outdatagrams, rcvbuferrors, sndbuferrors, incsumerrors, ignoredmulti

    public static let probe = "udp"
    public static let summary = "UDP datagrams and errors over IPv4"

    public var definition: MetricDefinition {
        switch self {
        case .indatagrams:
            count(
                "InDatagrams", "UDP_MIB_INDATAGRAMS", "UDP datagrams that applications received over IPv4",
                rise: "Traffic. A flat line while peers send means that the datagrams are lost or wait unread.")
        case .noports:
            count(
                "NoPorts", "UDP_MIB_NOPORTS", "UDP datagrams over IPv4 for whose port no socket was open",
                rise:
                    "Something sends to a port nobody listens on, or replies come after the asking socket was closed: "
                    + "with DNS that is a resolver slower than the client's timeout.",
                correction:
                    "not only datagrams to a wrong port: late replies to a socket that has been closed meanwhile "
                    + "count too, and are the usual case with DNS timeouts")
        case .inerrors:
            count(
                "InErrors", "UDP_MIB_INERRORS",
                "UDP datagrams over IPv4 that reached a socket's port but could not be delivered",
                rise: "Datagrams are lost on the receiving host. rcvbuferrors and incsumerrors, both contained in it, "
                    + "say which way; the rest are socket filters and memory limits.")
        case .outdatagrams:
            count(
                "OutDatagrams", "UDP_MIB_OUTDATAGRAMS", "UDP datagrams sent over IPv4",
                rise: "Traffic. A flat line while the application means to send points at the application itself.")
        case .rcvbuferrors:
            count(
                "RcvbufErrors", "UDP_MIB_RCVBUFERRORS",
                "UDP datagrams over IPv4 dropped because the socket's receive buffer was full",
                rise: "The application reads too slowly, is not scheduled, or its receive buffer is too small for the "
                    + "bursts it gets.")
        case .sndbuferrors:
            count(
                "SndbufErrors", "UDP_MIB_SNDBUFERRORS",
                "UDP datagrams over IPv4 not sent for want of send buffer or because the device queue refused them",
                rise: "The application sends faster than the device takes, or its send buffer is too small.")
        case .incsumerrors:
            count(
                "InCsumErrors", "UDP_MIB_CSUMERRORS", "UDP datagrams over IPv4 dropped for a wrong checksum",
                rise:
                    "Datagrams arrive corrupted: bad hardware, faulty checksum offload, or a broken tunnel or NAT device."
            )
        case .ignoredmulti:
            count(
                "IgnoredMulti", "UDP_MIB_IGNOREDMULTI",
                "UDP multicast and broadcast datagrams over IPv4 that no socket wanted",
                rise: "The segment carries multicast or broadcast traffic for others. Usually harmless.")
        }
    }

    private func count(
        _ field: String, _ enumerator: String, _ help: String, rise: String, correction: String? = nil
    ) -> MetricDefinition {
        .counter(help, mib: MIBCounter(.udp, field, .enumerator(enumerator)), rise: rise, correction: correction)
    }
}
